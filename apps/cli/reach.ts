import { FileRefused } from '#portfolio';
import { createApplication } from '../server/application.js';
import { startEngine } from '../server/engine.js';
import { prepareDefinitions } from '../server/first-start.js';
import { readSettings } from '../server/settings.js';

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

export interface ServerOptions {
  server?: string;
  token?: string;
}

/** Asks a running server; a text is sent as YAML. */
export async function ask<Result>(
  { server, token = process.env.PARAPHE_TOKEN }: ServerOptions,
  method: string,
  path: string,
  body: string | object,
): Promise<Result> {
  const isText = typeof body === 'string';
  const response = await fetch(new URL(`/api/v1/${path}`, server), {
    method,
    headers: {
      'content-type': isText ? 'application/yaml' : 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: isText ? body : JSON.stringify(body),
  });
  const answer = (await response.json()) as Result & { code?: string; detail?: string; errors?: never[] };
  if (response.ok) return answer;
  if (answer.code === 'IMPORT.FILE_REFUSED') throw new FileRefused(answer.errors ?? []);
  throw new Error(answer.detail ?? `The server answered ${response.status}.`);
}

/** The application without its background work: enough to give commands. */
export async function withApplication<Result>(
  work: (get: <Part>(part: abstract new (...args: never[]) => Part) => Part) => Promise<Result>,
): Promise<Result> {
  const engine = await startEngine(readSettings(process.env), log);
  const app = await createApplication(engine);
  try {
    await app.init();
    await prepareDefinitions(engine);
    return await work((part) => app.get(part as never, { strict: false }));
  } finally {
    await app.close();
    await engine.queue.close();
    await engine.close();
  }
}
