import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { startEmbeddedPostgres } from '#read-store';
import { ADMIN, type ApiUser, eventually, OFFICER, Paraphe } from './support/paraphe.js';
import { RedisServer } from './support/redis.js';

// A store that takes connections and never answers: its processes are stopped by the system. Nobody waits for it without end.

const LONGEST_ANSWER_MS = 20_000;
const LONGEST_HEALTH_MS = 6_000;

const folder = mkdtempSync(join(tmpdir(), 'paraphe-silent-'));
const closers: (() => Promise<unknown>)[] = [];
const processes: Record<string, () => number[]> = {};
let paraphe: Paraphe;
let officer: ApiUser;
let administrator: ApiUser;

beforeAll(async () => {
  const events = await startEmbeddedEventStore({ folder: join(folder, 'events'), port: 0 });
  closers.push(() => events.close());
  const postgres = await startEmbeddedPostgres(join(folder, 'postgres'));
  closers.push(() => postgres.close());
  const redis = await RedisServer.start();
  closers.push(() => redis.stop());
  paraphe = await Paraphe.start({
    EVENTSTORE_URL: `esdb://${events.endpoint}?tls=false`,
    DATABASE_URL: postgres.connectionString,
    REDIS_URL: redis.url,
    PARAPHE_KEY: 'a-key-of-this-instance-and-of-no-other',
    PARAPHE_KEYS_DIR: join(folder, 'keys'),
    PARAPHE_SIGNING_KEY_FILE: join(folder, 'signing.key'),
  });
  closers.push(() => paraphe.remove());
  officer = await paraphe.as(OFFICER);
  administrator = await paraphe.as(ADMIN);
  const postmaster = () => Number(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  processes['the event store'] = () => [events.pid!];
  processes.PostgreSQL = () => [postmaster(), ...childrenOf(postmaster())];
  processes.Redis = () => [redis.pid];
}, 180_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(realpathSync(join(folder, 'postgres')), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return new RegExp(`\\) . ${parent} `).test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      } catch {
        return false;
      }
    });
}

const READS = [
  'agreements?limit=1',
  'agreements/sn-migration',
  'agreements/sn-migration/history',
  'agreements?asOf=2026-11-25&limit=1',
  'projects?limit=1',
  'projects/mbi',
  'organisations?limit=1',
  'reminders?limit=1',
  'agenda',
  'statements',
];
const READS_OF_ADMINISTRATORS = ['users', 'consumers'];

interface Answered {
  what: string;
  status: number;
  isPatient: boolean;
  hasRemedy: boolean;
}

/** What comes of a request: its status, whether it came in time, and whether a refusal says when to come again. */
async function answered(what: string, longest: number, ask: () => Promise<Response>): Promise<Answered> {
  const start = performance.now();
  const response = await ask();
  await response.arrayBuffer();
  const { status } = response;
  const isPatient = performance.now() - start < longest;
  return { what, status, isPatient, hasRemedy: status !== 503 || response.headers.has('retry-after') };
}

const asked = (path: string, { token }: ApiUser, init: RequestInit = {}) =>
  answered(path, LONGEST_ANSWER_MS, () =>
    fetch(`${paraphe.url}/api/v1/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    }),
  );

interface Health {
  status: string;
  problems: { what: string }[];
  warnings: { what: string }[];
}
const health = async () => (await (await fetch(`${paraphe.url}/health/ready`)).json()) as Health;

describe.each([
  ['the event store', 'problems', 'event store'],
  ['PostgreSQL', 'problems', 'database'],
  // Without it mail waits and all else goes on.
  ['Redis', 'warnings', 'queue of reminders'],
] as const)('when %s hangs', (store, severity, named) => {
  let stopped: number[] = [];
  const stop = () => {
    stopped = processes[store]!();
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  };
  const goOn = () => {
    for (const pid of stopped.splice(0)) process.kill(pid, 'SIGCONT');
  };
  afterEach(goOn);

  it('every request is answered, with what is known or with when to come again, and health says so', async () => {
    stop();
    const note = { method: 'POST', body: JSON.stringify({ text: `while ${store} hangs` }) };
    const signIn = { method: 'POST', body: JSON.stringify(OFFICER) };
    const probe = (path: string) => answered(path, LONGEST_HEALTH_MS, () => fetch(`${paraphe.url}/health/${path}`));
    const found = await Promise.all([
      ...READS.map((path) => asked(path, officer)),
      ...READS_OF_ADMINISTRATORS.map((path) => asked(path, administrator)),
      asked('agreements/sn-migration/notes', officer, note),
      asked('session', officer, signIn),
      probe('ready'),
      probe('live'),
    ]);
    const isWrong = ({ status, isPatient, hasRemedy }: Answered) =>
      ![200, 201, 503].includes(status) || !isPatient || !hasRemedy;
    expect(found.filter(isWrong)).toEqual([]);
    expect(found.at(-1)).toMatchObject({ what: 'live', status: 200 });
    await eventually(health, (said) => said[severity].some(({ what }) => what === named), 60_000);
    expect((await health()).status).toBe(severity === 'problems' ? 'unready' : 'ready');
    goOn();
    const { position } = (
      await eventually(
        () => officer.post<{ position: string }>('agreements/sn-migration/notes', { text: `after ${store} hung` }),
        ({ status }) => status === 201,
        60_000,
      )
    ).body;
    await eventually(
      () => officer.get(`agreements?limit=1&after=${position}`),
      ({ status }) => status === 200,
      60_000,
    );
    await eventually(
      health,
      ({ status, warnings }) => status === 'ready' && warnings.every(({ what }) => what !== named),
      60_000,
    );
  });
});
