// Runs in a worker: loads the function that is asked for, and answers with what it gives.
import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { move } from 'piscina';
import type { PlainRefusal } from './refusals.js';
import { exported } from './worker-task.js';

/** What a worker is asked. */
export interface Asked {
  file: string;
  name: string;
  args: unknown[];
}

/** What a worker answers; bytes are given over as they are, not copied. */
export type Answered = Uint8Array | { value: unknown } | { refusal: PlainRefusal };

/** Some of what a generator gives, for whoever asked for more. */
export interface Batch {
  items: unknown[];
  isLast: boolean;
  refusal?: PlainRefusal;
}

const MOST_ITEMS = 500;
const BATCH_MS = 20;

export async function answer({ file, name, args }: Asked): Promise<Answered> {
  const work = await exported<(...args: unknown[]) => unknown>(file, name);
  try {
    const value: unknown = await work(...args);
    if (!(value instanceof Uint8Array)) return { value };
    const isWhole = value.byteLength === value.buffer.byteLength;
    return move(isWhole ? value : new Uint8Array(value)) as Uint8Array;
  } catch (error) {
    return { refusal: plain(error) };
  }
}

/** Gives what a generator gives, batch by batch, each when it is asked for; ends when it is told to. */
export async function each({ file, name, args, port }: Asked & { port: MessagePort }): Promise<void> {
  const work = await exported<(...args: unknown[]) => AsyncGenerator<unknown>>(file, name);
  const items = work(...args);
  try {
    for (;;) {
      const [wish] = (await once(port, 'message')) as ['more' | 'enough'];
      if (wish === 'enough') return;
      const batch = await some(items);
      port.postMessage(batch);
      if (batch.isLast) return;
    }
  } finally {
    await items.return(undefined);
    port.close();
  }
}

async function some(items: AsyncGenerator<unknown>): Promise<Batch> {
  const batch: Batch = { items: [], isLast: false };
  const until = performance.now() + BATCH_MS;
  try {
    while (batch.items.length < MOST_ITEMS && (batch.items.length === 0 || performance.now() < until)) {
      const { done, value } = await items.next();
      if (done) return { ...batch, isLast: true };
      batch.items.push(value);
    }
    return batch;
  } catch (error) {
    return { ...batch, isLast: true, refusal: plain(error) };
  }
}

/** A refusal as one that can be cloned. What is none is thrown: it is a fault of the work, not of what it was given. */
function plain(error: unknown): PlainRefusal {
  const { code, status, details, message } = error as Partial<PlainRefusal>;
  if (typeof code !== 'string' || typeof status !== 'number' || typeof details !== 'object') throw error;
  return { code, status, details, message: String(message) };
}
