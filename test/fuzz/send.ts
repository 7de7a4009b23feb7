import { request as httpRequest } from 'node:http';
import type { FuzzRequest } from './requests.js';

/** What came back. */
export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  milliseconds: number;
}

/** Thrown when no answer came: the connection was broken off, or the time was up. */
export class NoAnswer extends Error {}

/** An answer may go on for longer than this; what else there is of it says nothing. */
const MOST_READ = 1_000_000;

/**
 * Sends a request as it is, each over a connection of its own, so that none suffers for another.
 *
 * @throws NoAnswer
 */
export function send(
  url: string,
  token: string | undefined,
  request: FuzzRequest,
  deadline: number,
): Promise<Answered> {
  const { method, path, headers, body } = request;
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = httpRequest({
      hostname,
      port,
      method,
      path,
      agent: false,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-length': body.length }),
        ...headers,
      },
      signal: AbortSignal.timeout(deadline),
    });
    sent.once('response', (response) => {
      const pieces: Buffer[] = [];
      let length = 0;
      const end = () => {
        const text = Buffer.concat(pieces).toString();
        const milliseconds = performance.now() - begin;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, milliseconds });
      };
      // A feed of changes never ends.
      if (response.headers['content-type']?.startsWith('text/event-stream')) {
        end();
        sent.destroy();
        return;
      }
      response.on('data', (piece: Buffer) => {
        if (length < MOST_READ) pieces.push(piece);
        length += piece.length;
      });
      response.once('end', end);
      response.once('error', (error) => reject(new NoAnswer(`the answer broke off: ${error.message}`)));
    });
    sent.on('error', (error) =>
      reject(
        new NoAnswer(
          error.name === 'AbortError' || error.name === 'TimeoutError'
            ? `no answer within ${deadline} ms`
            : error.message,
        ),
      ),
    );
    sent.end(body);
  });
}

/** The request as somebody would type it who wants to see for himself. */
export function curl(url: string, { as, method, path, headers, body }: FuzzRequest): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const isPlain = body === undefined || (body.length < 4_000 && /^[\x20-\x7e\n]*$/.test(body.toString('latin1')));
  const parts = [
    as === 'nobody' ? 'curl -i' : `curl -i -H "authorization: Bearer $${as.toUpperCase()}"`,
    `-X ${method}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value.slice(0, 200)}`)}`),
    ...(body === undefined ? [] : [isPlain ? `--data-binary ${quoted(body.toString())}` : '--data-binary @-']),
    quoted(url + path.slice(0, 4_000)),
  ];
  if (isPlain) return parts.join(' ');
  const start = body.subarray(0, 3_000).toString('base64');
  return `echo ${start} | base64 -d | ${parts.join(' ')}${body.length > 3_000 ? `  # the first 3,000 of ${body.length} bytes` : ''}`;
}
