import { QueryClient } from '@tanstack/react-query';
import { ApiProblem, Client, type Operations as OperationsOf, type Sent } from '#client';
import type { paths } from '#openapi';
import { watchedFetch, whenItStandsAgain } from './standing.js';

export { ApiProblem, type Sent };

export type Operations<Used extends 'get' | 'post' | 'put' | 'patch' | 'delete'> = OperationsOf<paths, Used>;
export type Commands = Operations<'post'>;

/** The server that the page came from. Each of its answers tells how the service stands. */
const server = new Client<paths>({ fetch: watchedFetch });

/** Makes later reads wait for a position: that of one's own command, or one of which the server told. */
export const seen = (position: string | bigint): void => server.seen(position);

/** Reads, by an address of the OpenAPI document and what it takes: `read('agreements/{id}', { id })`. */
export const read: typeof server.read = (path, ...parameters) => server.read(path, ...parameters);

/** Gives a command. `revision` is what the user saw: when someone else was faster, the server refuses. */
export function command<Path extends keyof Commands & string>(
  path: Path,
  parameters: Parameters<typeof server.command<Path>>[1],
  body: Sent<Commands[Path]>,
  revision?: number,
): ReturnType<typeof server.command<Path>> {
  return server.command(path, parameters, body, { revision });
}

/** Gives a command by another method. */
export function send<Used extends 'put' | 'patch' | 'delete' | 'post', Path extends keyof Operations<Used> & string>(
  method: Used,
  path: Path,
  parameters: Parameters<typeof server.send<Used, Path>>[2],
  body: Sent<Operations<Used>[Path]>,
  revision?: number,
): ReturnType<typeof server.send<Used, Path>> {
  return server.send(method, path, parameters, body, { revision });
}

/** Sends a text that a person wrote (YAML), to be checked or published. */
export const sendText = <Result>(method: 'POST' | 'PUT', path: string, text: string): Promise<Result> =>
  server.sendContent(method, path, text, 'application/yaml');

/** Has the server look at a sheet. */
export const sendSheet = (file: File): Promise<{ id: string }> =>
  server.sendContent('POST', `uploads?${new URLSearchParams({ name: file.name.slice(0, 200) })}`, file);

/** Has the server make projects of an IATI file, or say what would become of it. */
export const sendIati = (
  file: File,
  dryRun: boolean,
): Promise<{ applied: number; unchanged: number; refused: number }> =>
  server.sendContent(
    'POST',
    `iati/imports?${new URLSearchParams({ dryRun: String(dryRun), name: file.name.slice(0, 200) })}`,
    file,
    'application/xml',
  );

/** Has the server keep a document. */
export const keepDocument = (file: File): Promise<{ sha256: string; size: number }> =>
  server.sendContent('POST', 'documents', file);

export const signOut = (): Promise<void> => server.signOut();

const ASK_AGAIN_MS = 5_000;

/** Whether something may pass by itself: the service is away, still starting, or has too much to do. */
export const mayPass = (error: unknown): boolean =>
  !(error instanceof ApiProblem) || (error.status >= 502 && error.status <= 504);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiProblem && error.status < 500),
      // What failed for the moment is asked for again, as long as it is shown somewhere.
      refetchInterval: ({ state }) => (state.status === 'error' && mayPass(state.error) ? ASK_AGAIN_MS : false),
    },
  },
});
whenItStandsAgain(() => queryClient.invalidateQueries());
