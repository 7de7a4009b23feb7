import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { Commands, EventStore, newId, Repository } from '#event-sourcing';
import { ReadStore, startEmbeddedPostgres, Turns } from '#read-store';
import { ReminderQueue, reminderCommands, reminderDecider } from '#reminders';
import { authorise } from '#roles';
import { codecWith } from '../apps/server/capabilities.js';
import { MailServer } from './support/mail-server.js';
import { ADMIN, type ApiUser, eventually, OFFICER, Paraphe, THE_DAY } from './support/paraphe.js';
import { RedisServer } from './support/redis.js';
import { sampleOf } from './support/sample.js';

const MINUTE = 60_000;
const OFFICERS_ADDRESS = 'officer@demo.example';

/** Drafts an agreement that has awaited signature for years: its owner is to be reminded at once. */
async function draft(officer: ApiUser, id: string, owner: string): Promise<void> {
  const parties = [{ organisation: 'ma' }];
  const facts = { title: `Accord ${id}`, type: 'protocol', parties, owner, effectiveOn: '2018-01-01' };
  expect((await officer.post('agreements', { id, stage: 'awaiting-signature', ...facts })).status).toBe(201);
}

describe.each(sampleOf(['PostgreSQL', 'Redis'], 2, 1))('with the queue in %s', (backend) => {
  let redis: RedisServer | undefined;
  let mail: MailServer;
  let paraphe: Paraphe;
  let officer: ApiUser;

  beforeAll(async () => {
    redis = backend === 'Redis' ? await RedisServer.start() : undefined;
    mail = await MailServer.start();
    paraphe = await Paraphe.start({
      ...(redis && { REDIS_URL: redis.url }),
      SMTP_URL: mail.url,
      PARAPHE_DIGEST_MINUTES: '60',
    });
    officer = await paraphe.as(OFFICER);
    await eventually(
      async () => toOfficer().length,
      (count) => count > 0,
      120_000,
    );
  }, 180_000);
  afterAll(async () => {
    await paraphe?.remove();
    await mail?.close();
    await redis?.stop();
  });

  const toOfficer = () => mail.received.filter(({ to }) => to === OFFICERS_ADDRESS);
  const due = async () => (await officer.get('reminders?state=due&recipient=demo-officer&limit=200')).body.items.length;

  it('a trickle for one person starves nobody, and is one mail in the end', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `trickle-${index}-`);
    for (const id of ids) await draft(officer, id, 'demo-officer');
    await draft(officer, 'for-another', 'demo-auditor');
    // Who has had no message of late is told at once, whatever waits for others.
    await eventually(
      async () => mail.about('Accord for-another', 'auditor@demo.example').length,
      (count) => count === 1,
      120_000,
    );
    await eventually(due, (count) => count === ids.length);
    expect(toOfficer()).toHaveLength(1);

    await paraphe.stop();
    paraphe.clockMoved += 61 * MINUTE;
    await paraphe.start();
    officer = await paraphe.as(OFFICER);
    await eventually(
      async () => toOfficer().length,
      (count) => count === 2,
    );
    await eventually(due, (count) => count === 0);
    expect(toOfficer()).toHaveLength(2);
    for (const id of ids) expect([id, mail.about(`Accord ${id}`).length]).toEqual([id, 1]);
  }, 180_000);
});

describe('what is overdue at the first start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'paraphe-first-start-'));
  const clock = { now: () => new Date(THE_DAY), today: () => THE_DAY.slice(0, 10) };
  const closers: (() => Promise<unknown> | undefined)[] = [];

  afterAll(async () => {
    for (const close of closers.reverse()) await close();
    const database = join(folder, 'postgres');
    if (existsSync(database)) rmSync(realpathSync(database), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes to each person as one mail, though a first reminder is due long before the others are known', async () => {
    const [embedded, postgres, mail] = await Promise.all([
      startEmbeddedEventStore({ folder: join(folder, 'events'), port: 0 }),
      startEmbeddedPostgres(join(folder, 'postgres')),
      MailServer.start(),
    ]);
    closers.push(
      () => embedded.close(),
      () => postgres.close(),
      () => mail.close(),
    );
    const readStore = new ReadStore(postgres.connectionString);
    const eventStore = new EventStore({ endpoint: embedded.endpoint }, codecWith());
    const queue = new ReminderQueue({ postgresUrl: postgres.connectionString }, clock, () => {});
    const turns = new Turns(readStore);
    const commands = new Commands(new Repository(eventStore, clock), [reminderDecider], authorise);
    closers.push(
      () => readStore.close(),
      () => turns.close(),
      async () => eventStore.close(),
      () => queue.close(),
    );
    let paraphe: Paraphe | undefined;
    closers.push(async () => paraphe?.remove());

    // The keeper is held up: somebody else has its turn, and it has come nowhere.
    await readStore.prepare();
    await turns.prepare((position) => eventStore.placeAt(position));
    const holdUp = async () => {
      paraphe = await Paraphe.start({
        EVENTSTORE_URL: `esdb://${embedded.endpoint}?tls=false`,
        DATABASE_URL: postgres.connectionString,
        SMTP_URL: mail.url,
        PARAPHE_BASE_URL: 'https://desk.example',
      });
      const subject = { kind: 'agreement' as const, id: 'sn-migration' };
      const labels = { fr: 'Premier avis', en: 'First notice', ar: 'أول إشعار' };
      const news = {
        key: 'news|first',
        subject,
        recipient: 'demo-officer',
        dueAt: THE_DAY,
        date: '2026-11-25',
        labels,
      };
      const envelope = { commandId: newId(), actor: { kind: 'system' as const, id: 'test' } };
      const notify = { type: 'Notify' as const, notice: news };
      await commands.send(reminderCommands, 'agreement.sn-migration', notify, envelope);
      // Its time has come, and it was put off.
      await eventually(
        async () => (await queue.queues[0]!.getDelayed()).map((job) => job?.id ?? ''),
        (ids) => ids.some((id) => id.startsWith('together_demo-officer')),
        120_000,
      );
      expect(mail.received).toEqual([]);
    };
    await turns.inTurn('reminders:kept', holdUp, new AbortController().signal);
    const admin = await paraphe!.as(ADMIN);
    await eventually(
      async () => mail.about('https://desk.example/accords/').length,
      (count) => count > 0,
      120_000,
    );
    await eventually(
      async () => (await admin.get('reminders?state=due')).body.items.length,
      (count) => count === 0,
    );
    const [only, ...more] = mail.received.filter(({ to }) => to === OFFICERS_ADDRESS);
    expect(more).toEqual([]);
    expect(only!.text).toContain('Premier avis');
    expect(only!.text.match(/desk\.example\/accords\/[a-z]/g)!.length).toBeGreaterThan(2);
  }, 180_000);
});
