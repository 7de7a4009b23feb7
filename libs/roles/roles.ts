import { type Actor, Refusal } from '#event-sourcing';

/**
 * What a user may do. Readers read; officers also keep agreements, projects and meetings; approvers also authorise
 * signature; auditors read everything, messages and users included; administrators do all of it.
 */
export const ROLES = ['reader', 'officer', 'approver', 'auditor', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Thrown when the user has none of the roles that an action takes. */
export class Forbidden extends Refusal {
  readonly code = 'FORBIDDEN';
  override readonly status = 403;
  override readonly details: Record<string, unknown>;
  constructor(action: string, roles: readonly string[]) {
    super(`'${action}' takes one of these roles: ${roles.join(', ')}.`);
    this.details = { roles };
  }
}

/** Those who change agreements, projects and what belongs to them. */
export const DESK: readonly Role[] = ['officer', 'approver'];

/**
 * Lets an actor through who holds one of the roles. Administrators may do everything; the system's own parts act upon
 * what a permitted user did.
 *
 * @throws Forbidden
 */
export function authorise(actor: Actor, action: string, roles: readonly string[]): void {
  if (actor.kind === 'system') return;
  const held = actor.roles ?? [];
  if (held.includes('administrator') || roles.some((role) => held.includes(role))) return;
  throw new Forbidden(action, [...roles, 'administrator']);
}
