import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Webhook } from 'standardwebhooks';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import { startEmbeddedPostgres } from '#read-store';
import { MailServer } from './support/mail-server.js';
import { ADMIN, type ApiUser, eventually, OFFICER, Paraphe, THE_DAY } from './support/paraphe.js';
import { RedisServer } from './support/redis.js';
import { oneIn, sampleOf } from './support/sample.js';
import { story } from './support/story.js';

const long = oneIn(3);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface ReminderItem {
  id: string;
  state: string;
  dueAt: string;
  message?: string;
}

/** Drafts an agreement that awaits signature since a day; since years, where none is given: its owner is reminded at once. */
async function draft(officer: ApiUser, id: string, effectiveOn = '2018-01-01'): Promise<void> {
  const parties = [{ organisation: 'ma' }];
  const facts = { title: `Accord ${id}`, type: 'protocol', parties, owner: 'demo-officer', effectiveOn };
  expect((await officer.post('agreements', { id, stage: 'awaiting-signature', ...facts })).status).toBe(201);
}

const remindersOf = async (user: ApiUser, agreement: string): Promise<ReminderItem[]> =>
  (await user.get(`reminders?agreement=${agreement}&recipient=demo-officer`)).body.items;

const messageOf = async (user: ApiUser, agreement: string) => {
  const [first] = await remindersOf(user, agreement);
  return first?.message ? (await user.get(`messages/${first.message}`)).body : undefined;
};

/** Waits until whatever was due has gone out. */
const untilQuiet = (user: ApiUser) =>
  eventually(
    async () => {
      const due = (await user.get('reminders?state=due')).body.items.length;
      const { items } = (await user.get('messages?limit=200')).body;
      const open = items.filter(({ email, webhook }: { email: string; webhook: string }) =>
        [email, webhook].some((state) => state === 'pending' || state === 'claimed'),
      );
      return due + open.length;
    },
    (open) => open === 0,
    120_000,
  );

const BACKENDS = ['PostgreSQL', 'Redis'];

describe.each(sampleOf(BACKENDS, 2))('with the queue in %s', (backend) => {
  let redis: RedisServer | undefined;
  let mail: MailServer;
  let paraphe: Paraphe;
  let officer: ApiUser;
  let admin: ApiUser;
  let atFirst: MailServer['received'];

  beforeAll(async () => {
    redis = backend === 'Redis' ? await RedisServer.start() : undefined;
    mail = await MailServer.start();
    paraphe = await Paraphe.start({
      ...(redis && { REDIS_URL: redis.url }),
      SMTP_URL: mail.url,
      PARAPHE_BASE_URL: 'https://desk.example',
    });
    admin = await paraphe.as(ADMIN);
    officer = await paraphe.as(OFFICER);
    await eventually(
      async () => mail.received,
      (received) => received.length > 0,
    );
    await untilQuiet(admin);
    atFirst = [...mail.received];
  }, 180_000);
  afterAll(async () => {
    await paraphe?.remove();
    await mail?.close();
    await redis?.stop();
  });

  it('what was overdue at the first start goes to each person as one mail, with all that mail programs want', () => {
    const toOfficer = atFirst.filter(({ to }) => to === 'officer@demo.example');
    expect(toOfficer).toHaveLength(1);
    const { text, messageId } = toOfficer[0]!;
    expect(text).toContain(`Message-ID: <${messageId}@desk.example>`);
    expect(text).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(text).toMatch(/^List-Unsubscribe: <https:\/\/desk\.example\/rappels\?onglet=preferences>/m);
    expect(text).toMatch(/^References: (<[^>]+@desk\.example>\s*)+/m);
    expect(text).toMatch(/^To: [^<]*<officer@demo\.example>/m);
    expect(text).toContain('text/html');
    expect(text).toContain('https://desk.example/accords/sn-migration');
  });

  it('a mail server that refuses is tried again, and the mail arrives once', async () => {
    mail.behaviour = 'refuse';
    mail.refused = 0;
    await draft(officer, 'refused');
    await eventually(
      async () => mail.refused,
      (count) => count > 0,
    );
    mail.behaviour = 'accept';
    await eventually(
      () => messageOf(admin, 'refused'),
      (message) => message?.email === 'delivered',
    );
    expect(mail.about('Accord refused')).toHaveLength(1);
  });

  it('an address that the mail server does not know: failed at once, with the reason, until a person says otherwise', async () => {
    mail.unknown.set('officer@demo.example', 0);
    await draft(officer, 'unknown');
    const message = await eventually(
      () => messageOf(admin, 'unknown'),
      (one) => one?.email === 'failed',
    );
    expect(message).toMatchObject({ attempts: 1, error: expect.stringContaining('No such user here') });
    expect((await remindersOf(admin, 'unknown'))[0]!.state).toBe('failed');
    expect(mail.unknown.get('officer@demo.example')).toBe(1);
    mail.unknown.clear();
    await admin.post(`messages/${message.id}/retry`);
    await eventually(
      () => messageOf(admin, 'unknown'),
      (one) => one?.email === 'delivered',
    );
    expect(mail.about('Accord unknown')).toHaveLength(1);
  });

  it.each([
    'drop',
    'hang',
  ] as const)('a mail server that takes the mail and does not answer (%s): uncertain, not repeated, until a person says so', async (behaviour) => {
    mail.behaviour = behaviour;
    const title = `Accord unanswered-${behaviour}`;
    await draft(officer, `unanswered-${behaviour}`);
    const message = await eventually(
      () => messageOf(admin, `unanswered-${behaviour}`),
      (one) => one?.email === 'uncertain',
    );
    mail.behaviour = 'accept';
    // Whatever comes next is delivered, and it is not.
    await draft(officer, `after-${behaviour}`);
    await eventually(
      () => messageOf(admin, `after-${behaviour}`),
      (one) => one?.email === 'delivered',
    );
    expect(mail.about(title)).toHaveLength(1);
    expect((await admin.get('messages?troubled=true')).body.items.map(({ id }: { id: string }) => id)).toContain(
      message.id,
    );
    expect((await remindersOf(admin, `unanswered-${behaviour}`))[0]!.state).toBe('uncertain');

    await admin.post(`messages/${message.id}/retry`);
    await eventually(
      () => messageOf(admin, `unanswered-${behaviour}`),
      (one) => one?.email === 'delivered',
    );
    // The same Message-ID, so that a mail system that has it can tell.
    expect(mail.about(title).map(({ messageId }) => messageId)).toEqual([message.id, message.id]);
  });

  long('killed while a mail is under way: afterwards it is uncertain, and it is not repeated', async () => {
    mail.behaviour = 'hang';
    await draft(officer, 'killed');
    await eventually(
      async () => mail.about('Accord killed').length,
      (count) => count === 1,
    );
    await paraphe.kill();
    mail.behaviour = 'accept';
    paraphe.clockMoved += 5 * MINUTE;
    await paraphe.start();
    await eventually(
      () => messageOf(admin, 'killed'),
      (one) => one?.email === 'uncertain',
    );
    await untilQuiet(admin);
    expect(mail.about('Accord killed')).toHaveLength(1);
  });

  long(
    'the queue is lost: it is filled again from the log, and nothing is sent twice',
    async () => {
      await untilQuiet(admin);
      const before = mail.received.length;
      const { delayed } = (await admin.get('queues/reminders')).body;
      expect(delayed).toBeGreaterThan(0);
      await paraphe.stop();
      if (redis) {
        const connection = new Redis(redis.url);
        await connection.flushall();
        await connection.quit();
      } else rmSync(realpathSync(join(paraphe.folder, 'postgres')), { recursive: true, force: true });
      await paraphe.start();
      await eventually(
        async () => (await admin.get('queues/reminders')).body.delayed,
        (count) => count === delayed,
      );
      await untilQuiet(admin);
      expect(mail.received).toHaveLength(before);
    },
    180_000,
  );

  long(
    'a week of downtime: what piled up goes to each person as one mail',
    async () => {
      const ids = ['piled-1', 'piled-2', 'piled-3'];
      const now = Date.parse(THE_DAY) + 5 * MINUTE;
      for (const [index, id] of ids.entries()) {
        await draft(officer, id, `2026-10-1${index + 3}`);
        const [next] = await eventually(
          () => remindersOf(admin, id),
          (items) => items.length > 0,
        );
        expect(next!.state).toBe('scheduled');
        expect(Date.parse(next!.dueAt)).toBeGreaterThan(now);
        expect(Date.parse(next!.dueAt)).toBeLessThan(now + 7 * DAY);
      }
      await untilQuiet(admin);
      await paraphe.stop();
      const before = mail.received.length;
      paraphe.clockMoved += 7 * DAY;
      await paraphe.start();
      await eventually(
        () => messageOf(admin, 'piled-3'),
        (one) => one?.email === 'delivered',
      );
      await untilQuiet(admin);
      const since = mail.received.slice(before).filter(({ to }) => to === 'officer@demo.example');
      expect(since).toHaveLength(1);
      for (const id of ids) expect(since[0]!.text).toContain(`Accord ${id}`);
    },
    180_000,
  );

  long(
    'the clock is set back: nothing is sent twice, and what follows is sent',
    async () => {
      await untilQuiet(admin);
      const before = mail.received.length;
      await paraphe.stop();
      // Six days: the 18th of November is a holiday, on which nobody is mailed.
      paraphe.clockMoved -= 6 * DAY;
      await paraphe.start({ PARAPHE_CLOCK_CONFIRMED: 'The clock of this rehearsal is set back' });
      await untilQuiet(admin);
      expect(mail.received).toHaveLength(before);
      await draft(officer, 'set-back');
      await eventually(
        () => messageOf(admin, 'set-back'),
        (one) => one?.email === 'delivered',
      );
      expect(mail.about('Accord set-back')).toHaveLength(1);
    },
    180_000,
  );
});

describe('webhooks', () => {
  let paraphe: Paraphe;
  let admin: ApiUser;
  let officer: ApiUser;
  let receiver: Receiver;
  let secret: string;

  beforeAll(async () => {
    receiver = await Receiver.start();
    paraphe = await Paraphe.start();
    admin = await paraphe.as(ADMIN);
    officer = await paraphe.as(OFFICER);
    const { body } = await admin.send<{ secret: string }>('PUT', 'webhooks/hall', { url: receiver.url }, {});
    secret = body.secret;
    const policy = `
id: hall
labels: { fr: Tableau, en: Board, ar: لوحة }
rules:
  - { id: hall, subject: agreement, on: idle, where: { stages: [awaiting-signature] }, at: [{ patience: 1 }],
      repeat: { every: { months: 1 } }, to: ["webhook:hall"] }
`;
    receiver.answers = [500, 204];
    expect((await admin.send('PUT', 'reminder-policies/hall', policy, {})).status).toBe(200);
    await eventually(
      async () => receiver.posted.length,
      (count) => count === 2,
    );
  }, 180_000);
  afterAll(async () => {
    await paraphe?.remove();
    await receiver?.close();
  });

  story(
    'what is posted to a receiver, as Standard Webhooks say',
    (step) => {
      const long = oneIn(2, 0, step);
      step('they are signed, and posted again under the same id until they are taken', async () => {
        const [first, second] = receiver.posted;
        const payload = new Webhook(secret).verify(second!.body, second!.headers as Record<string, string>);
        expect(payload).toMatchObject({ type: 'reminder.due' });
        expect((payload as { data: { items: unknown[] } }).data.items).toHaveLength(5);
        expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
        expect(() => new Webhook(secret).verify(`${second!.body} `, second!.headers as never)).toThrow(/signature/);
        const { items } = await eventually(
          async () => (await admin.get('messages?limit=200')).body,
          ({ items: all }) => all.some(({ webhook }: { webhook: string }) => webhook === 'delivered'),
        );
        expect(items.filter(({ webhook }: { webhook: string }) => webhook === 'delivered')).toMatchObject([
          { recipient: { id: 'webhook:hall' }, attempts: 2 },
        ]);
      });

      long(
        'killed while one is under way: it is posted again under its id, by which the receiver knows it',
        async () => {
          receiver.posted.length = 0;
          receiver.answers = ['never'];
          await draft(officer, 'hooked');
          await eventually(
            async () => receiver.posted.length,
            (count) => count === 1,
          );
          await paraphe.kill();
          receiver.answers = [];
          paraphe.clockMoved += 5 * MINUTE;
          await paraphe.start();
          await eventually(
            async () => receiver.posted.length,
            (count) => count === 2,
            60_000,
          );
          expect(receiver.posted[1]!.headers['webhook-id']).toBe(receiver.posted[0]!.headers['webhook-id']);
        },
      );

      step('one that says that it is gone is posted to no more', async () => {
        receiver.answers = [410];
        await draft(officer, 'gone');
        await eventually(
          async () => (await admin.get('messages?troubled=true')).body.items,
          (items) => items.some(({ webhook }: { webhook: string }) => webhook === 'failed'),
        );
        const posted = receiver.posted.length;
        await draft(officer, 'gone-too');
        await eventually(
          async () => (await admin.get('messages?troubled=true')).body.items,
          (items) => items.filter(({ webhook }: { webhook: string }) => webhook === 'failed').length === 2,
        );
        expect(receiver.posted).toHaveLength(posted);
      });
    },
    300_000,
  );
});

// Where only one of them is looked at, it is the other one here.
describe.each(sampleOf(BACKENDS, 2, 1))('two servers that send reminders at once, with the queue in %s', (backend) => {
  const folder = mkdtempSync(join(tmpdir(), 'paraphe-shared-'));
  let store: EmbeddedEventStore;
  let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  let redis: RedisServer | undefined;
  let mail: MailServer;
  const servers: Paraphe[] = [];

  beforeAll(async () => {
    mail = await MailServer.start();
    redis = backend === 'Redis' ? await RedisServer.start() : undefined;
    [store, postgres] = await Promise.all([
      startEmbeddedEventStore({ folder: join(folder, 'events'), port: 0 }),
      startEmbeddedPostgres(join(folder, 'postgres')),
    ]);
    const shared = {
      EVENTSTORE_URL: `esdb://${store.endpoint}?tls=false`,
      DATABASE_URL: postgres.connectionString,
      ...(redis && { REDIS_URL: redis.url }),
      SMTP_URL: mail.url,
      PARAPHE_KEY: 'a key that both of the servers share, and no other',
      PARAPHE_KEYS_DIR: join(folder, 'keys'),
      PARAPHE_SIGNING_KEY_FILE: join(folder, 'signing-key.pem'),
    };
    for (let count = 0; count < 2; count++) servers.push(await Paraphe.start(shared));
  }, 180_000);
  afterAll(async () => {
    for (const server of servers) await server.remove();
    await postgres?.close();
    await store?.close();
    await mail?.close();
    await redis?.stop();
    const database = join(folder, 'postgres');
    if (existsSync(database)) rmSync(realpathSync(database), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  it('each matter is mailed to its owner once, whichever server it came to, and though one is killed', async () => {
    const [first, second] = (await Promise.all(servers.map((server) => server.as(OFFICER)))) as [ApiUser, ApiUser];
    const ids = Array.from({ length: 40 }, (_, index) => `twice-${index}-`);
    await Promise.all(ids.map((id, index) => draft(index % 2 ? first : second, id)));
    await servers[0]!.kill();
    const admin = await servers[1]!.as(ADMIN);
    for (const id of ids) {
      await eventually(
        () => messageOf(admin, id),
        (message) => message !== undefined,
        90_000,
      );
    }
    await untilQuiet(admin);
    for (const id of ids) expect([id, mail.about(`Accord ${id}`).length]).toEqual([id, 1]);
  }, 180_000);
});

/** A real web server that takes what is posted to it, and answers as it is told. */
class Receiver {
  readonly posted: { headers: IncomingHttpHeaders; body: string }[] = [];
  /** What it answers next, one by one; 204 when there is nothing left. */
  answers: (number | 'never')[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        receiver.posted.push({ headers: request.headers, body });
        const answer = receiver.answers.shift() ?? 204;
        if (answer !== 'never') response.writeHead(answer).end();
      });
    });
    const receiver = new Receiver(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
