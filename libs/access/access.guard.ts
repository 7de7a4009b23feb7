import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { parseCookie } from 'cookie';
import { authorise, type Role } from '#roles';
import { CrossSiteRequest, NotSignedIn, type Request, SAFE_METHODS, type SignedIn } from '#web-api';
import { Accounts } from './accounts.js';

export const SESSION_COOKIE = 'paraphe_session';
const PUBLIC = 'access:public';
const ROLES_NEEDED = 'access:roles';

/** Anyone may call it, signed in or not. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Only users with one of the roles (or administrators) may call it. Without this, any signed-in user may. */
export const Allow = (...roles: Role[]) => SetMetadata(ROLES_NEEDED, roles);

/**
 * Lets a request through whose user is known and permitted. Browsers come with a session cookie, programs with a token.
 * A changing request that a browser sends for another site's page is refused by what the browser itself says
 * (`Sec-Fetch-Site`, else `Origin`); programs send neither and need nothing special.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly accounts: Accounts,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const handlers = [context.getHandler(), context.getClass()];
    refuseCrossSite(request);
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, handlers)) return true;

    const user = await userBehind(request, this.accounts);
    request.user = user;
    const roles = this.reflector.getAllAndOverride<Role[] | undefined>(ROLES_NEEDED, handlers);
    if (roles)
      authorise(
        { kind: 'user', id: user.id, roles: user.roles },
        `${request.method} ${request.url.split('?')[0]}`,
        roles,
      );
    return true;
  }
}

/**
 * Lets requests of administrators pass where Nest's guards do not reach.
 *
 * @throws CrossSiteRequest, NotSignedIn, Forbidden
 */
export async function admitAdministrator(request: Request, accounts: Accounts): Promise<void> {
  refuseCrossSite(request);
  const { id, roles } = await userBehind(request, accounts);
  authorise({ kind: 'user', id, roles }, `${request.method} ${request.url.split('?')[0]}`, []);
}

function refuseCrossSite(request: Request): void {
  if (!SAFE_METHODS.has(request.method) && isCrossSite(request)) throw new CrossSiteRequest();
}

async function userBehind(request: Request, accounts: Accounts): Promise<SignedIn> {
  const secret = bearerToken(request) ?? parseCookie(request.headers.cookie ?? '')[SESSION_COOKIE];
  const user = secret === undefined ? undefined : await accounts.bearerOf(secret);
  if (!user) throw new NotSignedIn();
  return user;
}

function isCrossSite({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (headers.origin === undefined) return false;
  try {
    return new URL(headers.origin).host !== headers.host;
  } catch {
    return true;
  }
}

function bearerToken({ headers }: Request): string | undefined {
  const match = /^Bearer (\S+)$/.exec(headers.authorization ?? '');
  return match?.[1];
}
