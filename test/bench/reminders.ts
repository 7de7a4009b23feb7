import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { eachOf, newId, type Recorded } from '#event-sourcing';
import { ReminderKeeper, ReminderService, reminderCommands } from '#reminders';
import { bringUpToDate } from '../../apps/cli/read-models.js';
import { createApplication } from '../../apps/server/application.js';
import { type Engine, startEngine } from '../../apps/server/engine.js';
import { readSettings } from '../../apps/server/settings.js';
import { MailServer } from '../support/mail-server.js';
import { eventually, OFFICER, Paraphe } from '../support/paraphe.js';
import { RedisServer } from '../support/redis.js';

const SCHEDULED = Number(process.env.BENCH_REMINDERS ?? 100_000);
const DUE = 10_000;
const PEOPLE = 50;
const PER_SUBJECT = 10;
const AT_A_TIME = 64;
const BATCH = 500;
const ACTOR = { kind: 'system' as const, id: 'bench' };
const MORNING = '2026-11-25T09:00:00.000Z';

/** Reminders on both back ends of the queue, beside what bare BullMQ does with as many jobs on the same back end. */
export async function benchReminders(): Promise<void> {
  for (const backend of ['Redis', 'PostgreSQL'] as const) {
    const redis = backend === 'Redis' ? await RedisServer.start() : undefined;
    const folder = mkdtempSync(join(tmpdir(), 'paraphe-bench-'));
    const settings = readSettings({
      PARAPHE_DATA_DIR: folder,
      PARAPHE_NOW: MORNING,
      ...(redis && { REDIS_URL: redis.url }),
    });
    const engine = await startEngine(settings, { info() {}, warn: console.warn });
    const app = await createApplication(engine);
    await app.init();
    try {
      console.log(`\nReminders, the queue in ${backend}`);
      await benchScheduling(engine, app);
      await benchFiring(engine, app, redis?.url);
    } finally {
      await app.get(ReminderService, { strict: false }).stop();
      await app.close();
      await engine.close();
      await redis?.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    }
  }
  await benchDueNow();
}

/** Records so many reminders, each for an instant of its own. */
async function schedule(
  engine: Engine,
  name: string,
  count: number,
  perSubject: number,
  at: (n: number) => string,
): Promise<void> {
  const subjects = Array.from({ length: count / perSubject }, (_, n) => n);
  await eachOf(subjects, AT_A_TIME, async (n) => {
    const subject = { kind: 'agreement' as const, id: `${name}-${n}` };
    const wanted = Array.from({ length: perSubject }, (_, m) => ({
      key: `bench|${m}`,
      ladder: 'bench',
      policy: 'bench',
      rule: 'bench',
      occasion: 'idle' as const,
      rung: 1,
      escalated: false,
      recipient: `person-${(n * perSubject + m) % PEOPLE}`,
      dueAt: at(n * perSubject + m),
      date: '2026-01-05',
      waitingFor: [],
    }));
    const command = { type: 'AlignReminders' as const, subject, wanted, because: 'bench' };
    await engine.commands.send(reminderCommands, `agreement.${subject.id}`, command, {
      commandId: newId(),
      actor: ACTOR,
    });
  });
}

async function benchScheduling(engine: Engine, app: NestFastifyApplication): Promise<void> {
  const service = app.get(ReminderService, { strict: false });
  // Weeks ahead, a minute apart: a job for each.
  const begin = Date.parse(MORNING) + 14 * 24 * 3_600_000;
  await schedule(engine, 'later', SCHEDULED, PER_SUBJECT, (n) => new Date(begin + n * 60_000).toISOString());
  const scheduling = await timed(async () => {
    let batch: Recorded[] = [];
    for await (const event of engine.eventStore.readAll()) {
      if (!service.types.includes(event.type)) continue;
      batch.push(event);
      if (batch.length === BATCH) {
        await service.handle(batch);
        batch = [];
      }
    }
    await service.handle(batch);
  });
  const { delayed } = await engine.queue.counts();
  if (delayed !== SCHEDULED) throw new Error(`There should be ${SCHEDULED} jobs, and are ${delayed}.`);
  say(`${SCHEDULED} reminders from the log into the queue`, `${Math.round(SCHEDULED / scheduling)}/s`);
  await bringUpToDate(engine, undefined, { isAlone: true });
  say(`reconcile, nothing amiss among ${SCHEDULED}`, `${(await timed(() => service.reconcile())).toFixed(1)} s`);
  for (const queue of engine.queue.queues) await queue.obliterate({ force: true });
  say(`reconcile, all ${SCHEDULED} missing`, `${(await timed(() => service.reconcile())).toFixed(1)} s`);
}

async function benchFiring(engine: Engine, app: NestFastifyApplication, redisUrl?: string): Promise<void> {
  for (const queue of engine.queue.queues) await queue.obliterate({ force: true });
  const bare = await bareJobs(engine, redisUrl);
  say(`bare BullMQ, ${DUE} empty jobs`, `${Math.round(bare)}/s`);
  await schedule(engine, 'due', DUE, 1, () => '2026-11-25T08:00:00.000Z');
  await bringUpToDate(engine, undefined, { isAlone: true });
  await markAsKept(engine, app);
  const stopping = new AbortController();
  const projecting = engine.consumers.run(engine.projector, stopping.signal);
  const sent = async () => {
    const { rows } = await sql<{ count: string }>`select count(*) from reminders r
      join messages m on m.batch = r.message where r.subject_id like 'due-%'`.execute(engine.readStore.tables());
    return Number(rows[0]!.count);
  };
  // Bringing the queue into line comes first, and is measured above.
  await app.get(ReminderService, { strict: false }).reconcile();
  app.get(ReminderService, { strict: false }).start();
  const seconds = await timed(async () => {
    while ((await sent()) < DUE) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  stopping.abort();
  await projecting;
  say(`${DUE} due reminders to ${PEOPLE} people, claimed and composed`, `${Math.round(DUE / seconds)}/s`);
  say('ratio', (DUE / seconds / bare).toFixed(2));
}

/** What is due waits for the keeper, which would cancel reminders of what it does not know: it is told of the last one alone. */
async function markAsKept({ eventStore }: Engine, app: NestFastifyApplication): Promise<void> {
  for await (const { event } of eventStore.backwards()) {
    if (event) return app.get(ReminderKeeper, { strict: false }).handle([event], { progress: () => {} });
  }
}

/** How many empty jobs a second bare BullMQ carries out, as many at a time. */
async function bareJobs({ readStore }: Engine, redisUrl?: string): Promise<number> {
  const connections: Redis[] = [];
  const made = <Kind>(Class: new (...rest: never[]) => Kind, ...rest: unknown[]): Kind => {
    const options = rest.pop() as object;
    if (redisUrl) {
      const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
      connections.push(connection);
      return new Class(...([...rest, { ...options, connection }] as never[]));
    }
    const connection = { connectionString: readStore.connectionString, migrate: true, max: 8 };
    return new Class(...([...rest, { ...options, connection }, createPostgresBackend] as never[]));
  };
  const queue = made<Queue>(Queue as never, 'bare', {});
  const jobs = Array.from({ length: DUE }, (_, n) => ({ name: 'bare', data: { n }, opts: { removeOnComplete: true } }));
  for (let from = 0; from < DUE; from += 1_000) await queue.addBulk(jobs.slice(from, from + 1_000));
  let done = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  let worker: Worker | undefined;
  const seconds = await timed(async () => {
    worker = made<Worker>(Worker as never, 'bare', async () => undefined, { concurrency: 8 });
    worker.on('completed', () => {
      if (++done === DUE) finish();
    });
    await finished;
  });
  await worker!.close();
  await queue.close();
  for (const connection of connections) connection.disconnect();
  return DUE / seconds;
}

/** From the command that makes a reminder due to the mail server, on a server as users run it. */
async function benchDueNow(): Promise<void> {
  const mail = await MailServer.start();
  const paraphe = await Paraphe.start({ SMTP_URL: mail.url });
  try {
    const officer = await paraphe.as(OFFICER);
    const longest: number[] = [];
    for (let n = 0; n < 10; n++) {
      const id = `now-${n}-`;
      const facts = { title: id, type: 'protocol', parties: [{ organisation: 'ma' }], owner: 'demo-officer' };
      const start = performance.now();
      await officer.post('agreements', { id, stage: 'awaiting-signature', effectiveOn: '2018-01-01', ...facts });
      await eventually(
        async () => mail.about(id).length,
        (count) => count > 0,
      );
      longest.push(performance.now() - start);
    }
    longest.sort((a, b) => a - b);
    console.log('\nA server as users run it');
    say('from due to the mail server, of ten', `median ${fixed(longest[5]!)}, longest ${fixed(longest[9]!)}`);
  } finally {
    await paraphe.remove();
    await mail.close();
  }
}

const fixed = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(2)} s`;
const say = (what: string, figure: string) => console.log(`${what.padEnd(58)} ${figure}`);

/** Seconds that some work took. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}
