import { InvalidArgumentError } from 'commander';
import { ApiProblem, Client } from '#client';
import { operationReason } from '#operations';
import { FileRefused } from '#portfolio';
import { createApplication } from '../server/application.js';
import { startEngine } from '../server/engine.js';
import { prepareDefinitions } from '../server/first-start.js';
import { readSettings } from '../server/settings.js';
import type { StoreAccess } from '../server/stores.js';

/** How a command reaches what it works upon: a running server, or the data folder, which it opens itself. */

/** As whom the command line acts where it opens the data folder. */
export const OPERATOR = { kind: 'system' as const, id: 'cli' };
export const log = {
  info: (message: string) => console.error(message),
  warn: (message: string) => console.error(message),
};

export const SERVER_OPTION = ['--server <url>', 'ask a running server instead of opening the data folder'] as const;
export const TOKEN_OPTION = [
  '--token <token>',
  'a personal access token for that server (else PARAPHE_TOKEN)',
] as const;

/** A reason that will stand in the log. */
export function reasonOf(text: string): string {
  const parsed = operationReason.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(parsed.error.issues.map(({ message }) => message).join(' '));
  return parsed.data;
}

export interface ServerOptions {
  server?: string;
  token?: string;
}

/** Asks a running server; a text is sent as YAML. */
export async function ask<Result>(
  { server, token = process.env.PARAPHE_TOKEN }: ServerOptions,
  method: 'POST' | 'PUT',
  path: string,
  body: string | object,
): Promise<Result> {
  const client = new Client({ url: server!.replace(/\/$/, ''), token });
  try {
    if (typeof body === 'string') return await client.sendContent<Result>(method, path, body, 'application/yaml');
    return await client.sendContent<Result>(method, path, JSON.stringify(body), 'application/json');
  } catch (error) {
    if (error instanceof ApiProblem && error.code === 'IMPORT.FILE_REFUSED')
      throw new FileRefused(error.errors as never);
    // What fetch throws where nobody answers says why in its cause alone; of a host with several addresses, by a code.
    const { message: what, cause } = error as Error;
    if (what === 'fetch failed') {
      const { message, code } = (cause ?? {}) as NodeJS.ErrnoException;
      throw new Error(`Nobody answers at ${server} (${message || code}). Is the server running?`);
    }
    throw error;
  }
}

/** The application without its background work: enough to give commands, alone on the data folder or beside the server that holds it. */
export async function withApplication<Result>(
  access: StoreAccess,
  work: (get: <Part>(part: abstract new (...args: never[]) => Part) => Part) => Promise<Result>,
): Promise<Result> {
  const engine = await startEngine(readSettings(process.env), log, { access });
  const app = await createApplication(engine);
  try {
    await app.init();
    // Beside a server, that one has done it.
    if (access === 'alone') await prepareDefinitions(engine);
    return await work((part) => app.get(part as never, { strict: false }));
  } finally {
    await app.close();
    await engine.queue.close();
    await engine.close();
  }
}
