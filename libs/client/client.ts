/** What the server says when it refuses: a problem document (RFC 9457). */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  constructor(
    readonly status: number,
    /** Stable; programs go by it. */
    readonly code: string,
    detail: string,
    /** What is wrong with a request: where, which rule, in words. */
    readonly errors: { field: string; rule?: string; message: string; line?: number }[] = [],
    /** What others did since the caller looked, when the server refused because of that. */
    readonly changedSince: { type: string; recordedAt: string }[] = [],
  ) {
    super(detail);
  }
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
/** The operations of a method by their address below `/api/v1/`, as the OpenAPI document has them. */
export type Operations<Paths, Used extends Method> = {
  [Path in keyof Paths as Path extends `/api/v1/${infer Rest}`
    ? Paths[Path] extends Record<Used, unknown>
      ? Rest
      : never
    : never]: Paths[Path] extends Record<Used, infer Operation> ? Operation : never;
};
type Content<Response> = Response extends { content: { 'application/json': infer Body } } ? Body : undefined;
/** What an operation answers. */
export type Answer<Operation> = Operation extends { responses: { 200: infer Response } }
  ? Content<Response>
  : Operation extends { responses: { 201: infer Response } }
    ? Content<Response>
    : Operation extends { responses: { 202: infer Response } }
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
export type Parameters<Operation> = InPath<Operation> & Texts<InQuery<Operation>>;
/** What an operation is to be sent. */
export type Sent<Operation> = Operation extends { requestBody: { content: { 'application/json': infer Body } } }
  ? Body
  : Operation extends { requestBody?: { content: { 'application/json': infer Body } } }
    ? Body
    : Record<string, never>;

export interface ClientOptions {
  /** Where the server is, as `https://paraphe.example`; the page's own server when left out. */
  url?: string;
  /** A personal access token; the browser's session when left out. */
  token?: string | undefined;
  /** Fetches in the place of the built-in one, for callers that look at what passes. */
  fetch?: typeof fetch;
}

/** What may accompany a command. */
export interface CommandOptions {
  /** The revision that the caller saw: when someone else was faster, the server refuses (412). */
  revision?: number | undefined;
  /** Given again, the command is not done again; a new one is made when left out. */
  idempotencyKey?: string;
}

/** One change, as the server tells it: a CloudEvent (CloudEvents 1.0). */
export interface Change {
  id: string;
  type: string;
  subject: string;
  time: string;
  /** From where one goes on. */
  position: string;
  data: Record<string, unknown>;
}

/** Bytes or a text; in a browser a file too. */
type SentContent = string | Uint8Array<ArrayBuffer> | Blob;

const RETRY_MS = 1_000;

/**
 * Talks to a Paraphe server. It remembers the last position that it knows of, its own commands' included: every later read waits until
 * the server's read models have it, so that one reads what one wrote.
 *
 * @typeParam Paths the operations, generated from the server's OpenAPI document
 */
export class Client<Paths> {
  private lastPosition = 0n;

  constructor(private readonly options: ClientOptions = {}) {}

  /** Makes later reads wait for a position: that of one's own command, or one of which the server told. */
  seen(position: string | bigint): void {
    if (BigInt(position) > this.lastPosition) this.lastPosition = BigInt(position);
  }

  /**
   * Reads, by an address of the OpenAPI document and what it takes: `read('agreements/{id}', { id })`.
   *
   * @throws ApiProblem
   */
  async read<Path extends keyof Operations<Paths, 'get'>>(
    path: Path,
    ...[parameters]: object extends Parameters<Operations<Paths, 'get'>[Path]>
      ? [parameters?: Parameters<Operations<Paths, 'get'>[Path]>]
      : [parameters: Parameters<Operations<Paths, 'get'>[Path]>]
  ): Promise<Answer<Operations<Paths, 'get'>[Path]>> {
    const { address, query } = addressOf(String(path), (parameters ?? {}) as Record<string, string | undefined>);
    if (this.lastPosition > 0n && !query.has('after')) query.set('after', String(this.lastPosition));
    return this.answered(await this.fetch('GET', `${address}${query.size > 0 ? `?${query}` : ''}`));
  }

  /**
   * Gives a command.
   *
   * @throws ApiProblem
   */
  command<Path extends keyof Operations<Paths, 'post'> & string>(
    path: Path,
    parameters: Parameters<Operations<Paths, 'post'>[Path]>,
    body: Sent<Operations<Paths, 'post'>[Path]>,
    options: CommandOptions = {},
  ): Promise<Answer<Operations<Paths, 'post'>[Path]>> {
    return this.send('post', path, parameters, body, options);
  }

  /**
   * Gives a command by another method: `send('put', 'reminder-policies/{id}', …)`.
   *
   * @throws ApiProblem
   */
  async send<Used extends Method, Path extends keyof Operations<Paths, Used> & string>(
    method: Used,
    path: Path,
    parameters: Parameters<Operations<Paths, Used>[Path]>,
    body: Sent<Operations<Paths, Used>[Path]>,
    { revision, idempotencyKey = crypto.randomUUID() }: CommandOptions = {},
  ): Promise<Answer<Operations<Paths, Used>[Path]>> {
    const headers: Record<string, string> = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    if (revision !== undefined) headers['if-match'] = `"${revision}"`;
    const { address, query } = addressOf(path, parameters as Record<string, string | undefined>);
    const target = `${address}${query.size > 0 ? `?${query}` : ''}`;
    const response = await this.fetch(method.toUpperCase(), target, headers, JSON.stringify(body));
    const answer = await this.answered<{ position?: string } | undefined>(response);
    if (answer?.position) this.seen(answer.position);
    return answer as Answer<Operations<Paths, Used>[Path]>;
  }

  /**
   * Sends bytes or a text as they are: a document, a sheet, an IATI file, a definition in YAML.
   *
   * @throws ApiProblem
   */
  async sendContent<Result>(
    method: 'POST' | 'PUT',
    target: string,
    content: SentContent,
    mediaType = 'application/octet-stream',
  ): Promise<Result> {
    return this.answered(await this.fetch(method, target, { 'content-type': mediaType }, content));
  }

  /** Ends the browser's session. */
  async signOut(): Promise<void> {
    await this.answered(await this.fetch('DELETE', 'session'));
  }

  /**
   * The changes after a position, as they happen; an interruption is gone on from by itself.
   *
   * @param after from now on when left out
   */
  async *changes({
    after,
    types,
    signal,
  }: {
    after?: string;
    types?: string[];
    signal?: AbortSignal;
  } = {}): AsyncGenerator<Change> {
    let last = after;
    while (!signal?.aborted) {
      const query = new URLSearchParams({ ...(types && { types: types.join(',') }), ...(last && { after: last }) });
      try {
        const response = await this.fetch('GET', `feed?${query}`, {}, undefined, signal);
        if (!response.ok) await this.answered(response);
        for await (const change of changesIn(response.body!)) {
          last = change.position;
          yield change;
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (error instanceof ApiProblem && error.status < 500) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private fetch(
    method: string,
    target: string,
    headers: Record<string, string> = {},
    body?: SentContent,
    signal?: AbortSignal,
  ): Promise<Response> {
    const { url = '', token, fetch: fetchIt = fetch } = this.options;
    return fetchIt(`${url}/api/v1/${target}`, {
      method,
      headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
  }

  private async answered<Result>(response: Response): Promise<Result> {
    if (response.status === 204) return undefined as Result;
    const body: unknown = await response.json().catch((error: unknown) => {
      // What is no JSON says nothing; what was cut half-way is no answer.
      if (response.ok && (error as Error).name !== 'SyntaxError') throw error;
    });
    if (response.ok) return body as Result;
    const {
      code = 'UNKNOWN',
      detail = response.statusText,
      errors,
      changedSince,
    } = (body ?? {}) as Partial<ApiProblem> & { detail?: string };
    throw new ApiProblem(response.status, code, detail, errors, changedSince);
  }
}

/** Puts into an address what its braces name; what is left over is for the query. */
function addressOf(
  path: string,
  parameters: Record<string, string | undefined>,
): { address: string; query: URLSearchParams } {
  const query = new URLSearchParams();
  let address = path;
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    if (address.includes(`{${name}}`)) address = address.replace(`{${name}}`, encodeURIComponent(value));
    else query.set(name, value);
  }
  return { address, query };
}

/** The changes within server-sent events. */
async function* changesIn(body: ReadableStream<Uint8Array>): AsyncGenerator<Change> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let text = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (text + value).split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data) yield JSON.parse(data) as Change;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
