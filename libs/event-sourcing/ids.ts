import { randomUUID } from 'node:crypto';
import { parse, v5 } from 'uuid';

const NAMESPACE = parse('6f6b1c1e-0c58-4e0a-9d1c-6a9d2f2f7a31');

/** An id that is always the same for the same words: how repeated work finds what it did before. */
export const derivedId = (...words: string[]): string => v5(words.join('\u0000').toWellFormed(), NAMESPACE);

/** The id of the n-th event that a command causes. */
export const eventId = (commandId: string, index: number): string => derivedId('event', commandId, String(index));

/** A new id. */
export const newId = (): string => randomUUID();
