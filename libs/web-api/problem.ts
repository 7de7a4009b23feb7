import { Refusal } from '#event-sourcing';

/** One thing wrong with a request: where, which rule, in words. */
export interface Defect {
  field: string;
  rule: string;
  message: string;
}

/** So many defects are named one by one: nobody reads more, and a body of megabytes can have a million. */
const MOST_NAMED = 100;

/** Thrown when a request does not have the shape that it must have; lists every defect, up to a hundred. */
export class InvalidRequest extends Refusal {
  readonly code = 'INVALID_REQUEST';
  override readonly status: number;
  override readonly details: Record<string, unknown>;
  constructor(errors: Defect[], status = 422) {
    const named = errors.slice(0, MOST_NAMED);
    const more = errors.length - named.length;
    super(
      `${named.map(({ field, message }) => `${field}: ${message}`).join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    );
    this.status = status;
    this.details = { errors: named, ...(more > 0 && { more }) };
  }
}

/** Thrown when nobody is signed in, or the credential is wrong, revoked or over. */
export class NotSignedIn extends Refusal {
  readonly code = 'NOT_SIGNED_IN';
  override readonly status = 401;
  constructor(message = 'Sign in first, or send a personal access token as `Authorization: Bearer …`.') {
    super(message);
  }
}

/** Thrown when an address and a password do not belong together; which of them is wrong is not told. */
export class WrongCredentials extends Refusal {
  readonly code = 'WRONG_CREDENTIALS';
  override readonly status = 401;
  constructor() {
    super("L'adresse ou le mot de passe ne convient pas. (The address or the password is wrong.)");
  }
}

/** Thrown when a browser sends a changing request on behalf of a page from elsewhere. */
export class CrossSiteRequest extends Refusal {
  readonly code = 'CROSS_SITE_REQUEST';
  override readonly status = 403;
  constructor() {
    super('A page of another site may not act here.');
  }
}

/** Thrown when a read waited for a position that the read models did not reach in time. */
export class ReadModelsBehind extends Refusal {
  readonly code = 'READ_MODELS_BEHIND';
  override readonly status = 503;
  constructor(position: string) {
    super(`The read models have not reached position ${position} yet. Try again in a moment.`);
  }
}

/** Thrown when a caller tries too often. */
export class TooManyAttempts extends Refusal {
  readonly code = 'TOO_MANY_ATTEMPTS';
  override readonly status = 429;
  constructor() {
    super('Too many failed attempts. Wait a quarter of an hour, or ask an administrator.');
  }
}

/** What RFC 9457 itself says of a problem, and the code: nothing else may stand under these names. */
export const PROBLEM_MEMBERS = ['type', 'title', 'status', 'detail', 'instance', 'code'] as const;

/** A problem document (RFC 9457). `type` is stable; programs go by it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  [extension: string]: unknown;
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not allowed here',
  408: 'Too slow',
  409: 'Not possible in the present state',
  412: 'Changed meanwhile',
  413: 'Too large',
  414: 'Address too long',
  415: 'Unsupported media type',
  422: 'Invalid input',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Unavailable for the moment',
};

/**
 * Makes a problem document. Its members are its own: an extension of the same name is left out, and a status that is no error's
 * (400 to 599) is 500, so that whatever a refusal carries, the answer can be sent.
 */
export function problem(
  status: number,
  code: string,
  detail: string,
  extensions: Record<string, unknown> = {},
): Problem {
  const sent = Number.isInteger(status) && status >= 400 && status <= 599 ? status : 500;
  const type = `/problems/${code.toLowerCase().replaceAll(/[._]/g, '-')}`;
  const members = { type, title: TITLES[sent] ?? 'Problem', status: sent, detail, code };
  const own = Object.entries(extensions).filter(([name]) => !(PROBLEM_MEMBERS as readonly string[]).includes(name));
  // Without a prototype, an extension called `__proto__` is one like any other.
  return Object.assign(Object.create(null), members, Object.fromEntries(own)) as Problem;
}
