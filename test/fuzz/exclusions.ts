import type { FuzzRequest } from './requests.js';

/** The accounts by which requests are sent, as they are called in addresses. */
const OURS = '(administrator|demo-[a-z]+)';

/** What would end the run by doing what it is for, when somebody does it who may. */
const EXCLUDED: { request: RegExp; reason: string }[] = [
  { request: /^DELETE \/api\/v1\/session/, reason: 'revokes the token by which it is sent' },
  { request: new RegExp(`^PUT /api/v1/users/${OURS}/groups`), reason: 'takes away what a role is allowed' },
  { request: new RegExp(`^POST /api/v1/people/${OURS}/erasure`), reason: 'erases somebody who sends requests' },
];

export const isExcluded = ({ method, path, as }: FuzzRequest): boolean =>
  as !== 'nobody' && EXCLUDED.some(({ request }) => request.test(`${method} ${path}`));
