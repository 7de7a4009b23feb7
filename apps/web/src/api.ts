import { QueryClient } from '@tanstack/react-query';

/** What the server says when it refuses: a problem document (RFC 9457). */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: { field: string; message: string }[] = [],
    /** What others did since the user looked, when the server refused because of that. */
    readonly changedSince: { type: string; recordedAt: string }[] = [],
  ) {
    super(detail);
  }
}

export interface Page<Item> {
  items: Item[];
  next?: string;
}

interface CommandAnswer {
  id: string;
  revision: number;
  position: string;
}

/** The position of the last event that this page knows of: every later read waits until it is seen. */
let lastPosition = 0n;

/** Makes later reads wait for a position: that of one's own command, or one of which the server told. */
export function seen(position: string | bigint): void {
  if (BigInt(position) > lastPosition) lastPosition = BigInt(position);
}

export async function read<Result>(path: string, parameters: Record<string, string | undefined> = {}): Promise<Result> {
  const query = new URLSearchParams(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (lastPosition > 0n) query.set('after', String(lastPosition));
  return answerOf<Result>(await fetch(`/api/v1/${path}${query.size > 0 ? `?${query}` : ''}`));
}

/** Gives a command. `revision` is what the user saw: when someone else was faster, the server refuses. */
export function command(path: string, body: object, revision?: number): Promise<CommandAnswer> {
  return send('POST', path, body, revision);
}

export async function send(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body: object,
  revision?: number,
): Promise<CommandAnswer> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'idempotency-key': crypto.randomUUID(),
  };
  if (revision !== undefined) headers['if-match'] = `"${revision}"`;
  const answer = await answerOf<CommandAnswer>(
    await fetch(`/api/v1/${path}`, { method, headers, body: JSON.stringify(body) }),
  );
  if (answer.position) seen(answer.position);
  return answer;
}

/** Sends a text that a person wrote (YAML), to be checked or published. */
export async function sendText<Result>(method: 'POST' | 'PUT', path: string, text: string): Promise<Result> {
  const headers = { 'content-type': 'application/yaml' };
  return answerOf<Result>(await fetch(`/api/v1/${path}`, { method, headers, body: text }));
}

/** Has the server keep a document. */
export async function keepDocument(file: File): Promise<{ sha256: string; size: number }> {
  const headers = { 'content-type': 'application/octet-stream' };
  return answerOf(await fetch('/api/v1/documents', { method: 'POST', headers, body: file }));
}

export async function signOut(): Promise<void> {
  await answerOf(await fetch('/api/v1/session', { method: 'DELETE' }));
}

async function answerOf<Result>(response: Response): Promise<Result> {
  if (response.status === 204) return undefined as Result;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as Result;
  const problem = (body ?? {}) as {
    code?: string;
    detail?: string;
    errors?: { field: string; message: string }[];
    changedSince?: { type: string; recordedAt: string }[];
  };
  const { code = 'UNKNOWN', detail = response.statusText, errors, changedSince } = problem;
  throw new ApiProblem(response.status, code, detail, errors, changedSince);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiProblem && error.status < 500),
    },
  },
});
