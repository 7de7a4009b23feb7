import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { NoAnswer } from '#event-sourcing';
import { startEmbeddedPostgres } from '#read-store';
import { RedisServer } from '../../test/support/redis.js';
import { jobIdOf, type ReminderJob, ReminderQueue } from './queue.js';

const CLOCK = { now: () => new Date(), today: () => new Date().toISOString().slice(0, 10) };

const due = (recipient: string, at: Date) => ({
  job: { kind: 'remind', recipient, at: at.toISOString() } as const,
  at,
});

/** Has a queue at an address carry out a job that is due, and take back one that is wanted no more. */
async function carriesOutAndTakesBack(redisUrl: string): Promise<void> {
  const errors: unknown[] = [];
  const queue = new ReminderQueue({ redisUrl }, CLOCK, (error) => errors.push(error));
  try {
    const done = new Promise<ReminderJob>((resolve) => queue.work(async ({ job }) => resolve(job)));
    await queue.addMany([due('later', new Date(Date.now() + 3_600_000)), due('now', new Date())]);
    expect(await done).toMatchObject({ recipient: 'now' });
    expect(await queue.counts()).toMatchObject({ delayed: 1 });
    await queue.bringIntoLine(new Map());
    expect(await queue.counts()).toMatchObject({ delayed: 0, failed: 0 });
    expect(errors).toEqual([]);
  } finally {
    await queue.close();
  }
}

it('one server by redis://', async () => {
  const redis = await RedisServer.start();
  await carriesOutAndTakesBack(redis.url).finally(() => redis.stop());
});

it('a cluster by redis+cluster://', async () => {
  const redis = await RedisServer.start('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1');
  const admin = new Redis(redis.url);
  try {
    await admin.cluster('ADDSLOTSRANGE', 0, 16_383);
    while (!String(await admin.cluster('INFO')).includes('cluster_state:ok'));
    await carriesOutAndTakesBack(`redis+cluster://127.0.0.1:${redis.port}`);
  } finally {
    admin.disconnect();
    await redis.stop();
  }
});

it('the master that sentinels watch by redis+sentinel://', async () => {
  const master = await RedisServer.start();
  const sentinel = await RedisServer.startSentinel(master, 'desk');
  try {
    await carriesOutAndTakesBack(`redis+sentinel://127.0.0.1:${sentinel.port}/desk`);
  } finally {
    await sentinel.stop();
    await master.stop();
  }
});

it('a back end that is away is said to be so in time, once, and closing does not wait for it', async () => {
  const redis = await RedisServer.start();
  const errors: unknown[] = [];
  const queue = new ReminderQueue({ redisUrl: redis.url }, CLOCK, (error) => errors.push(error));
  await queue.add(due('later', new Date(Date.now() + 3_600_000)).job, new Date(Date.now() + 3_600_000));
  await redis.stop();
  await expect(queue.bringIntoLine(new Map())).rejects.toBeInstanceOf(NoAnswer);
  await queue.close();
  expect(errors.length).toBeGreaterThan(0);
  expect(errors).toEqual([...new Set(errors)]);
});

it('what was put off for a recipient stays while there is something for it', async () => {
  const redis = await RedisServer.start();
  const queue = new ReminderQueue({ redisUrl: redis.url }, CLOCK, () => {});
  try {
    const at = new Date(Date.now() + 3_600_000);
    const since = new Date().toISOString();
    await queue.add({ kind: 'remind', recipient: 'amina', at: at.toISOString(), since }, at);
    const wanted = due('amina', new Date(Date.now() + 7_200_000));
    await queue.bringIntoLine(new Map([[jobIdOf(wanted.job), wanted]]));
    expect(await queue.counts()).toMatchObject({ delayed: 2 });
    await queue.bringIntoLine(new Map());
    expect(await queue.counts()).toMatchObject({ delayed: 0 });
  } finally {
    await queue.close();
    await redis.stop();
  }
});

it('a database that is made anew under it is filled again, and jobs run, without a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paraphe-queue-'));
  const postgres = await startEmbeddedPostgres(join(folder, 'postgres'));
  const queue = new ReminderQueue({ postgresUrl: postgres.connectionString }, CLOCK, () => {});
  const done = new Set<string>();
  try {
    let told: () => void = () => {};
    queue.work(async ({ job }) => {
      if (job.kind === 'remind') done.add(job.recipient);
      told();
    });
    const carriedOut = async (recipient: string) => {
      while (!done.has(recipient)) await new Promise<void>((resolve) => (told = resolve));
    };
    await queue.addMany([due('before', new Date())]);
    await carriedOut('before');

    const renewed = new Promise<void>((resolve) => (queue.onRenewed = resolve));
    const client = new pg.Client({ connectionString: postgres.connectionString });
    await client.connect();
    await client.query('drop schema bullmq cascade');
    await client.end();
    // Whoever uses it meets with the error, which may pass by itself; by then it is being healed.
    await queue.addMany([due('meanwhile', new Date())]).catch(() => {});
    await renewed;
    await queue.addMany([due('after', new Date())]);
    await carriedOut('after');
    expect(await queue.counts()).toMatchObject({ failed: 0 });
  } finally {
    await queue.close();
    await postgres.close();
    const database = join(folder, 'postgres');
    if (existsSync(database)) rmSync(realpathSync(database), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
