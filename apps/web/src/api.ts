import { QueryClient } from '@tanstack/react-query';
import type { paths } from '#openapi';

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

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
/** The operations of a method by their address below `/api/v1/`, as the OpenAPI document has them. */
export type Operations<Used extends Method> = {
  [Path in keyof paths as Path extends `/api/v1/${infer Rest}`
    ? paths[Path] extends Record<Used, unknown>
      ? Rest
      : never
    : never]: paths[Path] extends Record<Used, infer Operation> ? Operation : never;
};
type Content<Response> = Response extends { content: { 'application/json': infer Body } } ? Body : undefined;
/** What an operation answers. */
type Answer<Operation> = Operation extends { responses: { 200: infer Response } }
  ? Content<Response>
  : Operation extends { responses: { 201: infer Response } }
    ? Content<Response>
    : undefined;
type InPath<Operation> = Operation extends { parameters: { path: infer Path } } ? Path : unknown;
type InQuery<Operation> = Operation extends { parameters: { query?: infer Query } }
  ? [NonNullable<Query>] extends [never]
    ? unknown
    : NonNullable<Query>
  : unknown;
/** An address has texts: whatever the document calls a number or a flag is written out. */
type Texts<Parameters> = { [Name in keyof Parameters]?: string | undefined };
type Parameters<Operation> = InPath<Operation> & Texts<InQuery<Operation>>;
/** What an operation is to be sent. */
export type Sent<Operation> = Operation extends { requestBody: { content: { 'application/json': infer Body } } }
  ? Body
  : Operation extends { requestBody?: { content: { 'application/json': infer Body } } }
    ? Body
    : Record<string, never>;

export type Reads = Operations<'get'>;
export type Commands = Operations<'post'>;

/** The position of the last event that this page knows of: every later read waits until it is seen. */
let lastPosition = 0n;

/** Makes later reads wait for a position: that of one's own command, or one of which the server told. */
export function seen(position: string | bigint): void {
  if (BigInt(position) > lastPosition) lastPosition = BigInt(position);
}

/** Reads, by an address of the OpenAPI document and what it takes: `read('agreements/{id}', { id })`. */
export async function read<Path extends keyof Reads>(
  path: Path,
  ...[parameters]: object extends Parameters<Reads[Path]>
    ? [parameters?: Parameters<Reads[Path]>]
    : [parameters: Parameters<Reads[Path]>]
): Promise<Answer<Reads[Path]>> {
  const { address, rest } = addressOf(path, (parameters ?? {}) as Record<string, string | undefined>);
  const query = new URLSearchParams(rest);
  if (lastPosition > 0n) query.set('after', String(lastPosition));
  return answerOf(await fetch(`/api/v1/${address}${query.size > 0 ? `?${query}` : ''}`));
}

/** Puts into an address what its braces name; what is left over is for the query. */
function addressOf(path: string, parameters: Record<string, string | undefined>) {
  const rest: Record<string, string> = {};
  let address = path;
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    if (address.includes(`{${name}}`)) address = address.replace(`{${name}}`, encodeURIComponent(value));
    else rest[name] = value;
  }
  return { address, rest };
}

/** Gives a command. `revision` is what the user saw: when someone else was faster, the server refuses. */
export function command<Path extends keyof Commands>(
  path: Path,
  parameters: Parameters<Commands[Path]>,
  body: Sent<Commands[Path]>,
  revision?: number,
): Promise<Answer<Commands[Path]>> {
  return send('post', path, parameters as never, body as never, revision) as Promise<Answer<Commands[Path]>>;
}

export async function send<Used extends Method, Path extends keyof Operations<Used> & string>(
  method: Used,
  path: Path,
  parameters: Parameters<Operations<Used>[Path]>,
  body: Sent<Operations<Used>[Path]>,
  revision?: number,
): Promise<Answer<Operations<Used>[Path]>> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'idempotency-key': crypto.randomUUID(),
  };
  if (revision !== undefined) headers['if-match'] = `"${revision}"`;
  const { address, rest } = addressOf(path, parameters as Record<string, string | undefined>);
  const query = new URLSearchParams(rest);
  const answer = await answerOf<{ position?: string } | undefined>(
    await fetch(`/api/v1/${address}${query.size > 0 ? `?${query}` : ''}`, {
      method: method.toUpperCase(),
      headers,
      body: JSON.stringify(body),
    }),
  );
  if (answer?.position) seen(answer.position);
  return answer as Answer<Operations<Used>[Path]>;
}

/** Sends a text that a person wrote (YAML), to be checked or published. */
export async function sendText<Result>(method: 'POST' | 'PUT', path: string, text: string): Promise<Result> {
  const headers = { 'content-type': 'application/yaml' };
  return answerOf<Result>(await fetch(`/api/v1/${path}`, { method, headers, body: text }));
}

/** Has the server look at a sheet. */
export async function sendSheet(file: File): Promise<{ id: string }> {
  const headers = { 'content-type': 'application/octet-stream' };
  return answerOf(
    await fetch(`/api/v1/uploads?name=${encodeURIComponent(file.name.slice(0, 200))}`, {
      method: 'POST',
      headers,
      body: file,
    }),
  );
}

/** Has the server make projects of an IATI file, or say what would become of it. */
export async function sendIati(
  file: File,
  dryRun: boolean,
): Promise<{ applied: number; unchanged: number; refused: number }> {
  const headers = { 'content-type': 'application/xml' };
  const query = new URLSearchParams({ dryRun: String(dryRun), name: file.name.slice(0, 200) });
  return answerOf(await fetch(`/api/v1/iati/imports?${query}`, { method: 'POST', headers, body: file }));
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
