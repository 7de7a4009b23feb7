import { QueryClient } from '@tanstack/react-query';

/** What the server says when it refuses: a problem document (RFC 9457). */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: { field: string; message: string }[] = [],
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

/** The position of the last command given here: every later read waits until it is seen. */
let lastPosition = 0n;

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
  method: 'POST' | 'PUT' | 'DELETE',
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
  if (answer.position && BigInt(answer.position) > lastPosition) lastPosition = BigInt(answer.position);
  return answer;
}

/** Sends a text that a person wrote (YAML), to be checked or published. */
export async function sendText<Result>(method: 'POST' | 'PUT', path: string, text: string): Promise<Result> {
  const headers = { 'content-type': 'application/yaml' };
  return answerOf<Result>(await fetch(`/api/v1/${path}`, { method, headers, body: text }));
}

export async function signOut(): Promise<void> {
  await answerOf(await fetch('/api/v1/session', { method: 'DELETE' }));
}

async function answerOf<Result>(response: Response): Promise<Result> {
  if (response.status === 204) return undefined as Result;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as Result;
  const {
    code = 'UNKNOWN',
    detail = response.statusText,
    errors,
  } = (body ?? {}) as { code?: string; detail?: string; errors?: { field: string; message: string }[] };
  throw new ApiProblem(response.status, code, detail, errors);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiProblem && error.status < 500),
    },
  },
});
