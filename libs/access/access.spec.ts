import fc from 'fast-check';
import {
  type AnyDecider,
  type CommandContext,
  type DomainEvent,
  fold,
  keptPosition,
  type Recorded,
  Refusal,
  rowFrom,
  specification,
} from '#event-sourcing';
import { credentialDecider, newSecret, readSecret } from './credential.js';
import { loginDecider } from './login.js';
import { requestDecider } from './request.js';
import { type User, type UserCommand, type UserEvent, userDecider } from './user.js';
import { users } from './user.projection.js';

const NOW = '2026-03-02T09:00:00.000Z';
const effectiveOn = '2026-03-02';
const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA';
const SHA = 'a'.repeat(64);
const context: CommandContext = { actor: { kind: 'system', id: 'access' }, now: NOW, today: effectiveOn };

const registered = (...roles: ('reader' | 'officer')[]): UserEvent => ({
  type: 'UserRegistered',
  data: { roles: roles.length > 0 ? roles : ['officer'] },
  effectiveOn,
});
const passwordSet = (hash = HASH): UserEvent => ({ type: 'PasswordSet', data: { hash }, effectiveOn });
const deactivated: UserEvent = { type: 'UserDeactivated', data: {}, effectiveOn };

const HISTORIES: Record<User['phase'], UserEvent[]> = {
  none: [],
  active: [registered(), passwordSet()],
  deactivated: [registered(), passwordSet(), deactivated],
};
const COMMANDS: UserCommand[] = [
  { type: 'RegisterUser', roles: ['reader'], passwordHash: HASH },
  { type: 'SetPassword', passwordHash: `${HASH}2` },
  { type: 'ChangeRoles', roles: ['approver'] },
  { type: 'SetGroups', groups: ['division-afrique'] },
  { type: 'DeactivateUser', reason: 'moved' },
];

/** What each phase answers: the events, or the code of the refusal. */
const TABLE: Record<User['phase'], string[]> = {
  none: ['UserRegistered+PasswordSet', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
  active: ['USER.EXISTS', 'PasswordSet', 'RolesChanged', 'UserGroupsSet', 'UserDeactivated'],
  deactivated: ['USER.EXISTS', 'PasswordSet', 'RolesChanged', 'UserGroupsSet', ''],
};

function answerOf(
  decider: Pick<AnyDecider, 'decide'>,
  command: { type: string },
  state: unknown,
): DomainEvent[] | string {
  try {
    return decider.decide(command, state, context);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const recorded = <Event extends DomainEvent>(events: Event[]): Recorded<Event>[] =>
  events.map((event, revision) => ({
    ...event,
    id: `event-${revision}`,
    category: 'user',
    subject: 'amina',
    revision,
    position: keptPosition(String(revision)),
    metadata: {
      commandId: '',
      correlationId: '',
      actor: context.actor,
      recordedAt: NOW,
      effectiveOn: event.effectiveOn,
    },
  }));

const role = fc.constantFrom('reader' as const, 'officer' as const, 'auditor' as const);
const hashes = fc.constantFrom(HASH, `${HASH}2`);
const command: fc.Arbitrary<UserCommand> = fc.oneof(
  fc.record({
    type: fc.constant('RegisterUser' as const),
    roles: fc.tuple(role),
    passwordHash: hashes,
    demonstration: fc.boolean(),
  }),
  fc.record({ type: fc.constant('SetPassword' as const), passwordHash: hashes }),
  fc.record({ type: fc.constant('ChangeRoles' as const), roles: fc.tuple(role) }),
  fc.record({
    type: fc.constant('SetGroups' as const),
    groups: fc.array(fc.constantFrom('cabinet', 'registry', 'cabinet')),
  }),
  fc.record({ type: fc.constant('DeactivateUser' as const) }),
);

/** What a row of commands leaves behind, those that are refused left out. */
function historyOf(commands: UserCommand[]): UserEvent[] {
  const events: UserEvent[] = [];
  for (const one of commands) {
    const answer = answerOf(
      userDecider as AnyDecider,
      one,
      fold(userDecider, events, () => NOW),
    );
    if (typeof answer !== 'string') events.push(...(answer as UserEvent[]));
  }
  return events;
}

describe('a user', () => {
  it.each(Object.keys(TABLE) as User['phase'][])('answers each command as a user who is %s does', (phase) => {
    const state = fold(userDecider, HISTORIES[phase], () => NOW);
    const answers = COMMANDS.map((one) => {
      const answer = answerOf(userDecider as AnyDecider, one, state);
      return typeof answer === 'string' ? answer : answer.map(({ type }) => type).join('+');
    });
    expect(answers).toEqual(TABLE[phase]);
  });

  it('adds nothing when a command is given twice', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 8 }), command, (before, given) => {
        const once = historyOf([...before, given]);
        expect(historyOf([...before, given, given])).toEqual(once);
      }),
    );
  });

  it('is shown as it is: the row is that of the state, after whatever happened', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
        const events = historyOf(commands);
        const state = fold(userDecider, events, () => NOW);
        const row = rowFrom(users, recorded(events));
        if (state.phase === 'none') expect(row).toBeUndefined();
        else {
          const { roles, groups, phase, demonstration } = state;
          expect(row).toEqual({ id: 'amina', roles, groups, active: phase === 'active', demonstration });
        }
      }),
    );
  });

  it('keeps what the password was made into out of the table', () => {
    let state = users.folding!.initial;
    for (const event of recorded(HISTORIES.active)) state = users.folding!.evolve(state, event);
    expect(JSON.stringify(state)).not.toContain('argon2');
  });

  it('is registered with a hash, never with a password', () => {
    const { schema } = userDecider.commands.definitions.RegisterUser;
    expect(schema.safeParse({ roles: ['reader'], passwordHash: 'correct horse battery' }).success).toBe(false);
    expect(schema.safeParse({ roles: ['reader'], passwordHash: HASH }).success).toBe(true);
  });
});

describe('a login', () => {
  const claimed = { type: 'LoginClaimed' as const, data: { user: 'amina' }, effectiveOn };

  it('is claimed once, by whoever comes first', () => {
    specification(loginDecider).when({ type: 'ClaimLogin', user: 'amina' }).then(claimed);
    specification(loginDecider).given(claimed).when({ type: 'ClaimLogin', user: 'amina' }).thenNothingHappens();
    specification(loginDecider)
      .given(claimed)
      .when({ type: 'ClaimLogin', user: 'omar' })
      .thenRefuses('USER.EMAIL_TAKEN');
  });
});

describe('a credential', () => {
  const issue = {
    type: 'IssueCredential' as const,
    user: 'amina',
    kind: 'token' as const,
    name: 'IATI',
    secretHash: SHA,
  };
  const { type: _, ...data } = issue;
  const issued = { type: 'CredentialIssued' as const, data, effectiveOn };
  const revoked = { type: 'CredentialRevoked' as const, data: {}, effectiveOn };

  it('is issued once and revoked once', () => {
    specification(credentialDecider).when(issue).then(issued);
    specification(credentialDecider).given(issued).when(issue).thenNothingHappens();
    specification(credentialDecider).given(issued).when({ type: 'RevokeCredential' }).then(revoked);
    specification(credentialDecider).given(issued, revoked).when({ type: 'RevokeCredential' }).thenNothingHappens();
    specification(credentialDecider).given(issued, revoked).when(issue).thenNothingHappens();
  });

  it('cannot be revoked where there is none', () => {
    specification(credentialDecider).when({ type: 'RevokeCredential' }).thenRefuses('NOT_FOUND');
  });

  it('is known again by its secret, and nothing else that somebody shows names a stream', () => {
    const { secret, hash } = newSecret('0b9f1c1e-0c58-4e0a-9d1c-6a9d2f2f7a31');
    expect(readSecret(secret)).toEqual({ id: '0b9f1c1e-0c58-4e0a-9d1c-6a9d2f2f7a31', hash });
    for (const shown of [
      '',
      'paraphe_',
      'paraphe_.x',
      'paraphe_\u0000.x',
      'paraphe_a/b.x',
      `paraphe_${'a'.repeat(101)}.x`,
    ])
      expect(readSecret(shown)).toBeUndefined();
  });
});

describe('an idempotency key', () => {
  const claim = (fingerprint: string) => ({
    type: 'ClaimKey' as const,
    key: '0b9f1c1e-0c58-4e0a-9d1c-6a9d2f2f7a31',
    fingerprint,
    request: 'POST /api/v1/meetings',
  });
  const claimed = {
    type: 'KeyClaimed' as const,
    data: { fingerprint: SHA, request: 'POST /api/v1/meetings' },
    effectiveOn,
  };

  it('stands for one request: the same again passes, another one is refused and told of the first', () => {
    specification(requestDecider).when(claim(SHA)).then(claimed);
    specification(requestDecider).given(claimed).when(claim(SHA)).thenNothingHappens();
    const refusal = specification(requestDecider)
      .given(claimed)
      .when(claim('b'.repeat(64)))
      .thenRefuses('IDEMPOTENCY_KEY_REUSED');
    expect(refusal).toMatchObject({ status: 422, details: { firstUse: 'POST /api/v1/meetings' } });
  });
});
