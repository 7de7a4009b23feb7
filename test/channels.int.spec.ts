import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { SMTPServer } from 'smtp-server';
import { ADMIN, eventually, freePort, Paraphe } from './support/paraphe.js';

/** A real SMTP server that keeps what it receives; at first it is out of order, as mail servers are. */
class MailServer {
  readonly received: string[] = [];
  refused = 0;
  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk) => (text += chunk));
      stream.on('end', () => {
        if (this.refused === 0) {
          this.refused++;
          done(new Error('Out of order'));
        } else {
          this.received.push(text);
          done();
        }
      });
    },
  });

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

async function startRedis(port: number, folder: string): Promise<ChildProcess> {
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--maxmemory-policy', 'noeviction'],
    { stdio: 'ignore' },
  );
  await eventually(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
        socket.on('connect', () => socket.end());
      }),
    Boolean,
  );
  return child;
}

let folder: string;
let redis: ChildProcess;
let redisUrl: string;
const mail = new MailServer();
let paraphe: Paraphe;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const [redisPort, mailPort] = [await freePort(), await freePort()];
  redis = await startRedis(redisPort, folder);
  redisUrl = `redis://127.0.0.1:${redisPort}`;
  await mail.listen(mailPort);
  paraphe = await Paraphe.start({
    REDIS_URL: redisUrl,
    SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
    PARAPHE_BASE_URL: 'https://desk.example',
  });
});
afterAll(async () => {
  await paraphe.remove();
  await mail.close();
  const ended = new Promise((resolve) => redis.once('exit', resolve));
  redis.kill();
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

it('with Redis and a mail server that fails at first, the reminder arrives by mail, once', async () => {
  const admin = await paraphe.as(ADMIN);
  const { body } = await eventually(
    () => admin.get('messages'),
    ({ body: page }) => page.items[0]?.state === 'delivered',
  );
  expect(mail.refused).toBe(1);
  expect(mail.received).toHaveLength(1);
  // Quoted-printable breaks long lines, an address too, wherever they become too long.
  const text = mail.received[0]!.replaceAll(/=\r?\n/g, '');
  expect(text).toContain(`Message-ID: <${body.items[0].id}@desk.example>`);
  expect(text).toMatch(/Auto-Submitted: auto-generated/);
  expect(text).toMatch(/To: [^<]*<officer@demo\.example>/);
  expect(text).toContain('text/html');
  expect(text).toContain('https://desk.example/accords/sn-');
});

it('a wiped Redis is filled again from the log, and nothing is sent twice', async () => {
  const admin = await paraphe.as(ADMIN);
  await admin.post('agreements', {
    id: 'later',
    title: 'Plus tard',
    type: 'protocol',
    parties: [{ organisation: 'ma' }],
    stage: 'awaiting-signature',
    owner: 'demo-officer',
  });
  const scheduled = async () => (await admin.get('reminders?agreement=later')).body.items;
  await eventually(scheduled, (items) => items.length === 1 && items[0].state === 'scheduled');
  const connection = new Redis(redisUrl);
  const delayed = () => connection.zcard('bull:reminders:delayed');
  await eventually(delayed, (count) => count === 1);
  await paraphe.stop();
  await connection.flushall();
  await paraphe.start();
  await eventually(delayed, (count) => count === 1);
  await connection.quit();
  expect(mail.received).toHaveLength(1);
});
