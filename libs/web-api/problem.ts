import { Refusal } from '#event-sourcing';

/** One thing wrong with a request: where, which rule, in words. */
export interface Defect {
  field: string;
  rule: string;
  message: string;
}

/** Thrown when a request does not have the shape that it must have; lists every defect. */
export class InvalidRequest extends Refusal {
  readonly code = 'INVALID_REQUEST';
  override readonly status: number;
  override readonly details: Record<string, unknown>;
  constructor(errors: Defect[], status = 422) {
    super(errors.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.status = status;
    this.details = { errors };
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

/** A problem document (RFC 9457). `type` is stable; programs go by it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  [extension: string]: unknown;
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not possible in the present state',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid input',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable for the moment',
};

export function problem(
  status: number,
  code: string,
  detail: string,
  extensions: Record<string, unknown> = {},
): Problem {
  const type = `/problems/${code.toLowerCase().replaceAll(/[._]/g, '-')}`;
  return { type, title: TITLES[status] ?? 'Problem', status, detail, code, ...extensions };
}
