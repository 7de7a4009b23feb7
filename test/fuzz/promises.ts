import type { Answered } from './send.js';

/** What every problem document has (RFC 9457, and a code that programs go by). */
const MEMBERS = ['type', 'title', 'detail', 'code'];

/** Which promise an answer breaks; none where it is as it should be, whatever was asked. */
export function brokenPromise({ status, headers, body }: Answered): string | undefined {
  // No store is away here: 503 is no excuse.
  if (status >= 500) return `answers ${status}`;
  if (status < 400) return undefined;
  const type = String(headers['content-type'] ?? '(none)');
  if (!type.startsWith('application/problem+json')) return `answers ${status} as ${type}`;
  const problem = parsed(body);
  const missing = MEMBERS.filter((member) => typeof problem?.[member] !== 'string');
  if (missing.length > 0) return `answers ${status} without ${missing.join(', ')}`;
  return problem?.status === status ? undefined : `answers ${status}, and says ${problem?.status}`;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
