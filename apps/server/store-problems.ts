/** The settings that say where something is that the server talks to. */
export type StoreSetting = 'EVENTSTORE_URL' | 'DATABASE_URL' | 'REDIS_URL' | 'SMTP_URL';

/** Thrown when a store cannot be used; `message` says which setting, which address, what happened and what helps. */
export class StoreProblem extends Error {
  override readonly name = 'StoreProblem';

  constructor(
    message: string,
    /** Whether somebody must mend something: waiting is of no use. */
    readonly isLasting: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

const STORES = {
  EVENTSTORE_URL: {
    kind: 'event store',
    authority: 'name the file of its authority in the address: ?tls=true&tlsCAFile=/path/to/ca.crt',
  },
  DATABASE_URL: {
    kind: 'PostgreSQL',
    authority: 'name the file of its authority in the address: ?sslmode=verify-full&sslrootcert=/path/to/ca.crt',
  },
  REDIS_URL: { kind: 'Redis', authority: 'name the file of its authority in NODE_EXTRA_CA_CERTS' },
  SMTP_URL: { kind: 'mail server', authority: 'name the file of its authority in NODE_EXTRA_CA_CERTS' },
} as const;

const UNKNOWN_AUTHORITY = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** What an error comes down to: its own code, or that of the error beneath it. */
interface Sign {
  code: string;
  text: string;
  path?: string | undefined;
  isConnecting: boolean;
}

type Finding = [sentence: string, isLasting: boolean];
type Rule = (sign: Sign, store: (typeof STORES)[StoreSetting]) => Finding | undefined;

/** The first that fits says it. */
const RULES: Rule[] = [
  ({ code, path, isConnecting }) =>
    code === 'ENOENT' && path !== undefined && !isConnecting
      ? [`the file ${path}, which the address names, does not exist. Correct the path`, true]
      : undefined,
  ({ code }, { authority }) =>
    UNKNOWN_AUTHORITY.has(code)
      ? [
          `its certificate was not issued by an authority that is known here (${code}). For one of your own, ${authority}`,
          true,
        ]
      : undefined,
  ({ code }) =>
    code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID'
      ? [`its certificate is not valid today (${code}). Renew it, or correct this machine's clock`, true]
      : undefined,
  ({ code }) =>
    code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? ['its certificate is for another name. Use the name that the certificate is for', true]
      : undefined,
  ({ code, text }) =>
    code === 'EPROTO' || /wrong version number|does not support SSL/i.test(text)
      ? ['it does not speak TLS. Leave TLS out of the address, or turn it on there', true]
      : undefined,
  ({ code, text }) =>
    ['28P01', '28000', 'EAUTH', '16', '7'].includes(code) ||
    /WRONGPASS|NOAUTH|invalid password|AUTH failed|ERR AUTH|client password must be|access.?denied|unauthenticated/i.test(
      text,
    )
      ? ['it refuses the user name or the password. Correct them in the address', true]
      : undefined,
  ({ code, text }) =>
    code === '3D000' ? [`${text}. Create the database, or correct its name in the address`, true] : undefined,
  ({ code, text }) =>
    code === '42501'
      ? [`its user may not do what is needed (${text}). Grant it all rights on its database`, true]
      : undefined,
  ({ text }) =>
    /ParseError|Invalid URL|Unexpected ".*" at position/i.test(text)
      ? [`the address cannot be read (${text}). Correct it, see docs/reference/settings.md`, true]
      : undefined,
  ({ code }, { kind }) =>
    code === 'ECONNREFUSED'
      ? [`nothing listens there (connection refused). Start the ${kind}, or correct the address`, false]
      : undefined,
  ({ code, path, isConnecting }, { kind }) =>
    code === 'ENOENT' && isConnecting
      ? [`there is no socket ${path ?? ''}. Start the ${kind}, or correct the address`, false]
      : undefined,
  ({ code }) =>
    code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      ? [`no such host is known (${code}). Correct the name, or the name service`, false]
      : undefined,
  ({ code }) =>
    code === 'EHOSTUNREACH' || code === 'ENETUNREACH'
      ? [`no way leads there (${code}). Look at the network and its firewalls`, false]
      : undefined,
  ({ code, text }) => (code === '57P03' || /^LOADING/.test(text) ? ['it is still starting', false] : undefined),
  ({ code }) =>
    code === '53300' ? ['it takes no more connections. Raise its max_connections, or end others', false] : undefined,
  ({ code, text }, { kind }) =>
    code === 'ETIMEDOUT' || /time.?d? ?out|deadline|greeting never received/i.test(text)
      ? [
          `it does not answer (nothing came back in time). See whether the ${kind} runs there and a firewall lets it be reached`,
          false,
        ]
      : undefined,
  ({ code, text }, { kind }) =>
    code === 'ECONNRESET' || code === 'EPIPE' || /terminated|connection is closed|socket close|hang up/i.test(text)
      ? [
          `it takes the connection and drops it. See whether a ${kind} listens there, with or without TLS as the address says`,
          false,
        ]
      : undefined,
];

/** Turns what a driver throws into a sentence for an operator. */
export function storeProblem(setting: StoreSetting, address: string, error: unknown): StoreProblem {
  if (error instanceof StoreProblem) return error;
  const signs = signsOf(error);
  const store = STORES[setting];
  for (const rule of RULES) {
    for (const sign of signs) {
      const finding = rule(sign, store);
      if (finding) return new StoreProblem(`${setting} (${shownAddress(address)}): ${finding[0]}.`, finding[1], error);
    }
  }
  const text = signs[0]?.text || String(error);
  return new StoreProblem(
    `${setting} (${shownAddress(address)}): the ${store.kind} cannot be used: ${text}`,
    false,
    error,
  );
}

/** An address without the password and the user's name. */
export const shownAddress = (address: string): string =>
  address.replace(/:\/\/[^/?#]*@/, '://').replace(/([?&](?:password|pass|user)=)[^&]*/gi, '$1…');

/** The error and those that it came of; a driver may wrap several, or only quote one. */
function signsOf(error: unknown, depth = 0): Sign[] {
  if (error === null || typeof error !== 'object' || depth > 5) return [];
  const { code, message, path, syscall, cause, errors, name, type } = error as Record<string, unknown>;
  const text = String(message ?? '').split('\n')[0]!;
  const quoted = /\b(E[A-Z]{4,}|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT)\b/.exec(text)?.[1];
  const sign: Sign = {
    code: String(code ?? type ?? quoted ?? name ?? ''),
    text: name === 'ParseError' ? `ParseError: ${text}` : text,
    path: typeof path === 'string' ? path : undefined,
    isConnecting: syscall === 'connect',
  };
  const beneath = [cause, ...(Array.isArray(errors) ? errors : [])];
  const quotedSign = quoted && code !== quoted ? [{ ...sign, code: quoted }] : [];
  return [sign, ...quotedSign, ...beneath.flatMap((one) => signsOf(one, depth + 1))];
}
