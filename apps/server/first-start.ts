import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { parse } from 'yaml';
import { Accounts } from '#access';
import { publishStock } from '#definitions';
import { type Actor, type Commands, derivedId, type EventStore, StreamGone, SubjectUnreadable } from '#event-sourcing';
import { Lifecycle, type Lifecycles } from '#lifecycle';
import { Importer } from '#portfolio';
import type { Projector } from '#read-store';
import { changePolicies, type Policies, soundPolicy } from '#reminders';
import type { Role } from '#roles';
import { HOME } from './home.js';
import type { Settings } from './settings.js';

/** The demonstration users share this password; they exist only where the sample was asked for. */
export const DEMONSTRATION_PASSWORD = 'demonstration-2018';

const SYSTEM: Actor = { kind: 'system', id: 'first-start' };
const MOST_WAIT_MS = 10_000;

const DEMONSTRATION_USERS = [
  { id: 'demo-officer', name: 'Amina Démo (chargée de dossier)', email: 'officer@demo.example', roles: ['officer'] },
  {
    id: 'demo-approver',
    name: 'Youssef Démo (visa)',
    email: 'approver@demo.example',
    roles: ['approver'],
    groups: ['head-of-division'],
  },
  {
    id: 'demo-director',
    name: 'Nadia Démo (direction)',
    email: 'director@demo.example',
    roles: ['approver'],
    groups: ['director'],
  },
  { id: 'demo-auditor', name: 'Salma Démo (audit)', email: 'auditor@demo.example', roles: ['auditor'] },
  { id: 'demo-reader', name: 'Karim Démo (lecture)', email: 'reader@demo.example', roles: ['reader'] },
] satisfies { id: string; name: string; email: string; roles: Role[]; groups?: string[] }[];

/** What a first start has made, for the operator to read once. */
export interface FirstStart {
  /** Set when the administrator's password was made up. */
  generatedPassword?: string;
  sampleLoaded: boolean;
}

/** What a first start works with. */
export interface FirstStartParts {
  accounts: Accounts;
  importer: Importer;
  eventStore: EventStore;
  projector: Projector;
  commands: Commands;
  lifecycles: Lifecycles;
  policies: Policies;
}

/** Publishes the lifecycles and reminder policies that come with the product where none are published. */
export async function prepareDefinitions({
  commands,
  lifecycles,
  policies,
}: Pick<FirstStartParts, 'commands' | 'lifecycles' | 'policies'>): Promise<void> {
  const folder = join(HOME, 'libs/lifecycle/stock');
  const definitions = readdirSync(folder).map(
    (file) => Lifecycle.from(parse(readFileSync(join(folder, file), 'utf8'))).definition,
  );
  const envelope = { commandId: derivedId('stock-lifecycles'), actor: SYSTEM };
  await unlessUnusable(() => publishStock(commands, lifecycles, definitions, envelope));
  const stock = soundPolicy(readFileSync(join(HOME, 'libs/reminders/stock/standard.yaml'), 'utf8'));
  const publication = { commandId: derivedId('stock-policies'), actor: SYSTEM };
  const publish = { type: 'PublishStockPolicies' as const, definitions: [stock] };
  await unlessUnusable(() => changePolicies(commands, policies, publish, publication));
}

/**
 * A stream that was deleted for good takes nothing any more, and nothing is decided upon what cannot be read; the server starts without
 * what would stand there, and says so.
 */
async function unlessUnusable(prepare: () => Promise<unknown>): Promise<void> {
  try {
    await prepare();
  } catch (error) {
    if (!(error instanceof StreamGone || error instanceof SubjectUnreadable)) throw error;
    new Logger('Start').warn(error.message);
  }
}

/**
 * Makes the administrator and publishes the stock lifecycles where there are none, and loads the sample into a log that is
 * empty. Safe to interrupt.
 */
export async function prepareFirstStart(
  settings: Settings,
  parts: FirstStartParts,
  onProgress: (done: number, total: number) => void,
): Promise<FirstStart> {
  const { accounts, importer, eventStore, projector } = parts;
  const wasEmpty = (await eventStore.head()) === undefined;
  await prepareDefinitions(parts);
  let generatedPassword: string | undefined;
  await unlessUnusable(async () => {
    if (await accounts.isRegistered(settings.admin.email)) return;
    const password = settings.admin.password ?? randomBytes(12).toString('base64url');
    const commandId = derivedId('administrator', settings.admin.email);
    const admin = {
      id: 'administrator',
      name: 'Administrateur',
      email: settings.admin.email,
      password,
      roles: ['administrator' as const],
    };
    await accounts.register(admin, { commandId, actor: SYSTEM });
    if (!settings.admin.password) generatedPassword = password;
  });
  // An interrupted load goes on: a sample that was begun is the only log that holds its first user and is asked for again.
  let isOfSample = wasEmpty;
  await unlessUnusable(async () => {
    isOfSample ||= await accounts.isRegistered(DEMONSTRATION_USERS[0]!.email);
  });
  if (settings.sample && isOfSample) {
    for (const user of DEMONSTRATION_USERS)
      await unlessUnusable(async () => {
        if (await accounts.isRegistered(user.email)) return;
        const registration = { ...user, roles: [...user.roles], password: DEMONSTRATION_PASSWORD, demonstration: true };
        await accounts.register(registration, { commandId: derivedId('demonstration', user.id), actor: SYSTEM });
      });
    const file = readFileSync(join(HOME, 'libs/portfolio/sample/portfolio.yaml'), 'utf8');
    const report = await importer.import(file, {
      actor: SYSTEM,
      isOurs: true,
      // At every later start all of it is there.
      onProgress: (done, total, applied) => applied > 0 && onProgress(done, total),
    });
    // Whoever comes by the address that is about to be said finds it in the lists.
    const head = report.applied > 0 ? await eventStore.head() : undefined;
    if (head) await projector.waitFor(head.position, MOST_WAIT_MS);
    return { ...(generatedPassword && { generatedPassword }), sampleLoaded: report.applied > 0 };
  }
  return { ...(generatedPassword && { generatedPassword }), sampleLoaded: false };
}
