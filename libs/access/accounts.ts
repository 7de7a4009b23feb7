import { Inject, Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { LRUCache } from 'lru-cache';
import { type Actor, type Clock, type CommandEnvelope, Commands, derivedId, newId, Repository } from '#event-sourcing';
import { personCommands, personDecider } from '#people';
import type { Role } from '#roles';
import { CLOCK, NotSignedIn, type SignedIn, TooManyAttempts, WrongCredentials } from '#web-api';
import {
  type CredentialKind,
  credentialCommands,
  credentialDecider,
  newSecret,
  readSecret,
  SecretWasShown,
  sameHash,
} from './credential.js';
import { loginCommands, loginDecider, loginIdOf } from './login.js';
import { userCommands, userDecider } from './user.js';

const SESSION_SECONDS = 12 * 3_600;
const MOST_FAILURES = 10;
const FAILURES_FORGOTTEN_AFTER_MS = 15 * 60_000;
const SYSTEM: Actor = { kind: 'system', id: 'access' };

/** A user to be registered. */
export interface NewUser {
  /** The id of the person, who may exist already; a new one when left out. */
  id?: string;
  name: string;
  email: string;
  password: string;
  roles: Role[];
  /** The offices and units to which the user belongs. */
  groups?: string[];
  demonstration?: boolean;
}

/** By what a secret is asked for: under the same id that may come again, one is made only once. */
type Asked = Pick<CommandEnvelope, 'commandId' | 'isNew'>;

/** Users, and the secrets with which they come: all of it stands in the log, none of it needs a read model. */
@Injectable()
export class Accounts {
  private readonly failures = new LRUCache<string, number>({ max: 10_000, ttl: FAILURES_FORGOTTEN_AFTER_MS });
  /** Verified when there is no such user, so that an answer takes as long either way. */
  private readonly nobodysHash = hash(newId());

  constructor(
    private readonly repository: Repository,
    private readonly commands: Commands,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Registers a user: claims the e-mail address, then the person, then the user, in an order in which a crash in
   * between leaves nothing that a repetition would not complete.
   *
   * @throws EmailTaken when the address signs another user in
   */
  async register(user: NewUser, envelope: CommandEnvelope): Promise<{ id: string }> {
    const id = user.id ?? derivedId('user', envelope.commandId);
    const step = (name: string): CommandEnvelope => ({ ...envelope, commandId: derivedId(name, envelope.commandId) });
    const login = loginIdOf(user.email);
    await this.commands.send(loginCommands, login, { type: 'ClaimLogin', user: id }, step('claim-login'));
    const person = await this.repository.load(personDecider, id);
    if (person.revision < 0) {
      const particulars = { name: user.name, email: user.email };
      await this.commands.send(personCommands, id, { type: 'RegisterPerson', particulars }, step('register-person'));
    }
    // A password is made into something else each time: what was registered before is not registered again with another.
    if ((await this.repository.load(userDecider, id)).state.phase === 'none') {
      const { roles, demonstration } = user;
      const passwordHash = await hash(user.password);
      const command = { type: 'RegisterUser' as const, roles, passwordHash, ...(demonstration && { demonstration }) };
      await this.commands.send(userCommands, id, command, step('register-user'));
    }
    if (user.groups)
      await this.commands.send(userCommands, id, { type: 'SetGroups', groups: user.groups }, step('set-groups'));
    return { id };
  }

  async isRegistered(email: string): Promise<boolean> {
    const { state } = await this.repository.load(loginDecider, loginIdOf(email));
    if (!state.user) return false;
    return (await this.repository.load(userDecider, state.user)).revision >= 0;
  }

  async setPassword(email: string, password: string): Promise<void> {
    const { state } = await this.repository.load(loginDecider, loginIdOf(email));
    if (!state.user) throw new NotSignedIn(`No user signs in as ${email}.`);
    const command = { type: 'SetPassword' as const, passwordHash: await hash(password) };
    await this.commands.send(userCommands, state.user, command, { commandId: newId(), actor: SYSTEM });
  }

  /**
   * Opens a session, for so many seconds.
   *
   * @throws WrongCredentials when the address or the password is wrong; which of them is not told
   * @throws TooManyAttempts after ten failures within a quarter of an hour
   */
  async signIn(email: string, password: string): Promise<{ user: SignedIn; secret: string; seconds: number }> {
    const login = loginIdOf(email);
    const failed = this.failures.get(login) ?? 0;
    if (failed >= MOST_FAILURES) throw new TooManyAttempts();
    const { state: claim } = await this.repository.load(loginDecider, login);
    const user = claim.user === undefined ? undefined : (await this.repository.load(userDecider, claim.user)).state;
    const known = user?.phase === 'active' ? user : undefined;
    const right = await verify(known?.passwordHash ?? (await this.nobodysHash), password);
    if (!known || !right) {
      this.failures.set(login, failed + 1);
      throw new WrongCredentials();
    }
    this.failures.delete(login);
    const expiresAt = new Date(this.clock.now().getTime() + SESSION_SECONDS * 1_000);
    const { id, secret } = await this.issue(claim.user!, { kind: 'session', expiresAt: expiresAt.toISOString() });
    return { user: { id: claim.user!, roles: known.roles, credential: id }, secret, seconds: SESSION_SECONDS };
  }

  async issueToken(user: string, name: string, asked?: Asked): Promise<{ id: string; token: string }> {
    const { id, secret } = await this.issue(user, { kind: 'token', name }, asked);
    return { id, token: secret };
  }

  /** Makes a credential open nothing any more; whoever calls has looked whose it is. */
  async revoke(credential: string): Promise<void> {
    const envelope = { commandId: newId(), actor: SYSTEM, isNew: true };
    await this.commands.send(credentialCommands, credential, { type: 'RevokeCredential' }, envelope);
  }

  /** The secret of a calendar feed: it stands in an address that calendar programs keep, so it opens nothing else. */
  issueFeed(user: string, asked: Asked): Promise<{ id: string; secret: string }> {
    return this.issue(user, { kind: 'feed' }, asked);
  }

  /** The user who bears the secret; undefined when it is unknown, revoked or over, or the user is deactivated. */
  bearerOf(secret: string): Promise<SignedIn | undefined> {
    return this.bearer(secret, ['session', 'token']);
  }

  /** The user whose calendar feed bears the secret. */
  bearerOfFeed(secret: string): Promise<SignedIn | undefined> {
    return this.bearer(secret, ['feed']);
  }

  private async bearer(secret: string, kinds: CredentialKind[]): Promise<SignedIn | undefined> {
    const shown = readSecret(secret);
    if (!shown) return undefined;
    const { state: credential } = await this.repository.loadCached(credentialDecider, shown.id);
    if (credential.phase !== 'valid' || !kinds.includes(credential.kind)) return undefined;
    if (!sameHash(credential.secretHash, shown.hash)) return undefined;
    if (credential.expiresAt && credential.expiresAt < this.clock.now().toISOString()) return undefined;
    const { state: user } = await this.repository.loadCached(userDecider, credential.user);
    return user.phase === 'active' ? { id: credential.user, roles: user.roles, credential: shown.id } : undefined;
  }

  private async issue(
    user: string,
    kind: { kind: CredentialKind; name?: string; expiresAt?: string },
    asked?: Asked,
  ): Promise<{ id: string; secret: string }> {
    const isNew = asked?.isNew ?? !asked;
    const id = isNew ? newId() : derivedId('credential', asked!.commandId);
    const { secret, hash: secretHash } = newSecret(id);
    const command = { type: 'IssueCredential' as const, user, secretHash, ...kind };
    const { events } = await this.commands.send(credentialCommands, id, command, {
      commandId: newId(),
      actor: SYSTEM,
      isNew,
    });
    if (events.length === 0) throw new SecretWasShown(id);
    return { id, secret };
  }
}
