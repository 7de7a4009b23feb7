import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { ADMIN, type ApiUser, AUDITOR, eventually, OFFICER, Paraphe, SERVER_OPTIONS } from './support/paraphe.js';
import { IS_LONG, oneIn, sampleOf } from './support/sample.js';

// The life of a server's processes: how it ends, who may start beside it, and what it says of its log.

const long = oneIn(5);

const KILLS = IS_LONG ? 20 : 4;

let paraphe: Paraphe;
let officer: ApiUser;

beforeAll(async () => {
  paraphe = await Paraphe.start();
  officer = await paraphe.as(OFFICER);
});
afterAll(() => paraphe.remove());

/** That everybody is answered though a record of one agreement is damaged; but what is read off the whole log is not given as whole. */
async function isServed(): Promise<void> {
  const auditor = await paraphe.as(AUDITOR);
  const read: [ApiUser, string][] = [
    ...['agreements', 'agreements/board', 'agreements/figures', 'agenda', 'reminders', 'changes?after=0'].map(
      (path): [ApiUser, string] => [officer, path],
    ),
    [officer, 'process-mining/log.xes'],
    [officer, 'agreements/export?format=csv'],
    [auditor, 'audit/events/export?format=csv'],
  ];
  for (const [{ url, token }, path] of read) {
    const response = await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
    const whole = await response.arrayBuffer().then(() => response.status, String);
    expect([path, whole]).toEqual([path, 200]);
  }
  const { url, token } = officer;
  const ocel = await fetch(`${url}/api/v1/process-mining/ocel.json`, { headers: { authorization: `Bearer ${token}` } });
  await expect(ocel.text()).rejects.toThrow('terminated');
  expect(paraphe.said).toContain('process-mining/ocel.json broke off half sent: Error: A record of the log is damaged');
  const other = await officer.post('agreements/ci-migration/notes', { text: 'Everything goes on' });
  expect(other.status).toBe(201);
  expect((await officer.get(`agreements?after=${other.body.position}`)).status).toBe(200);
  expect((await fetch(`${paraphe.url}/health/ready`)).status).toBe(200);
}

const note = (text: string) => officer.post('agreements/sn-migration/notes', { text });

/** A server-sent feed that is open until the other side ends it. */
function openFeed(): Promise<{ ended: Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${officer.token}` };
    const feed = request(`${paraphe.url}/api/v1/feed`, { headers, agent: false }, (answer) => {
      answer.resume();
      resolve({ ended: new Promise((done) => answer.once('close', done)) });
    });
    feed.once('error', reject).end();
  });
}

/** A request whose body never comes to its end. */
function halfSent(): Promise<unknown> {
  const { hostname, port } = new URL(paraphe.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        `POST /api/v1/agreements/sn-migration/notes HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${officer.token}\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"text":`,
        () => resolve(socket),
      ),
    ).on('error', () => {});
  });
}

long(
  'ends within five seconds under load, with open feeds and a half-sent request, and keeps all that it answered',
  async () => {
    const feeds = await Promise.all([openFeed(), openFeed(), openFeed()]);
    await halfSent();
    const answered: string[] = [];
    const statuses = new Map<number, number>();
    const brokenOff: string[] = [];
    let isEnding = false;
    const writer = async (name: number) => {
      for (let n = 0; ; n++) {
        const text = `ending ${name}-${n}`;
        try {
          const { status } = await note(text);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status < 300) answered.push(text);
          if (status === 503) return;
        } catch (error) {
          // Refused a connection, or an idle one closed; an answer that began was never cut.
          const { code } = ((error as Error).cause ?? error) as { code?: string };
          if (!isEnding || !['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE'].includes(code ?? ''))
            brokenOff.push(`${text}: ${error} ${code}`);
          return;
        }
      }
    };
    const writers = Array.from({ length: 8 }, (_, name) => writer(name));
    await eventually(
      async () => answered.length,
      (count) => count > 50,
    );
    isEnding = true;
    const began = performance.now();
    const exitCode = await paraphe.stop();
    const took = performance.now() - began;
    await Promise.all(writers);
    await Promise.all(feeds.map(({ ended }) => ended));
    await paraphe.start();
    expect({ exitCode, brokenOff }).toEqual({ exitCode: 0, brokenOff: [] });
    expect([...statuses.keys()].filter((status) => status !== 201 && status !== 200 && status !== 503)).toEqual([]);
    expect(took).toBeLessThan(5_000);
    const { body } = await officer.get('agreements/sn-migration/history?limit=200');
    const recorded = JSON.stringify(body);
    expect(answered.filter((text) => !recorded.includes(`"${text}"`))).toEqual([]);
  },
);

it('a second one in another process namespace is refused the folder, and the first goes on', async () => {
  const saidBefore = paraphe.said.length;
  const second = spawnSync(
    'unshare',
    [
      '--pid',
      '--fork',
      '--mount-proc',
      '--kill-child=SIGKILL',
      process.execPath,
      ...SERVER_OPTIONS,
      'dist/apps/server/main.js',
    ],
    { env: { ...process.env, PARAPHE_DATA_DIR: paraphe.folder, PARAPHE_PORT: '0' }, encoding: 'utf8', timeout: 30_000 },
  );
  expect(second.stderr).toContain(`The folder ${paraphe.folder} is in use by process ${paraphe.pid}`);
  expect(second.status).toBe(78);
  expect((await note('still here')).status).toBe(201);
  expect(paraphe.said.slice(saidBefore)).not.toContain('ended');
});

long(
  'outlives its PostgreSQL, killed again and again under load, and takes commands meanwhile',
  async () => {
    const { pid } = paraphe;
    const saidBefore = paraphe.said.length;
    const postmaster = () => {
      const file = join(paraphe.folder, 'postgres', 'postmaster.pid');
      return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
    };
    const refused: unknown[] = [];
    let isOver = false;
    const load = Array.from({ length: 4 }, async (_, name) => {
      for (let n = 0; !isOver; n++) {
        const { status, body } = await note(`while the database dies ${name}-${n}`);
        if (status !== 201) refused.push(body);
        await officer.get('agreements?limit=20');
      }
    });
    for (let round = 0; round < KILLS; round++) {
      const before = postmaster()!;
      process.kill(before, 'SIGKILL');
      await eventually(
        async () => [(postmaster() ?? before) !== before, (await officer.get('agreements?limit=1')).status],
        ([isAnother, status]) => isAnother === true && status === 200,
        60_000,
      );
    }
    isOver = true;
    await Promise.all(load);
    const { position } = (await note('afterwards')).body as unknown as { position: string };
    await eventually(
      () => officer.get(`agreements?after=${position}`),
      ({ status }) => status === 200,
      60_000,
    );
    expect([paraphe.pid, paraphe.said.slice(saidBefore), refused]).toEqual([
      pid,
      expect.not.stringMatching(/ERROR|Unhandled/),
      [],
    ]);
  },
  180_000,
);

it('killed, leaves nothing in the way of the next', async () => {
  await paraphe.kill();
  await paraphe.start();
  expect(paraphe.said).not.toContain('Sample portfolio');
  expect((await note('after a kill')).status).toBe(201);
});

long(
  'beside it, the command line names all who follow the log, with what can be known of each from there',
  async () => {
    const administrator = await paraphe.as(ADMIN);
    const { items } = (await administrator.get('consumers')).body as { items: { name: string; state: string }[] };
    const { stdout } = paraphe.cli(['consumers']);
    const [end, ...lines] = stdout.trim().split('\n');
    expect(end).toMatch(/^The log ends at position \d+\.$/);
    expect(lines.map((line) => line.slice(0, line.indexOf(': ')))).toEqual(items.map(({ name }) => name));
    expect(items.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'agreements',
        'messages',
        'policy:start_projects',
        'reminders:jobs',
        'tree',
        'lifecycles',
      ]),
    );
    expect(items.filter(({ state }) => !['live', 'catching-up'].includes(state))).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^agreements: at work in another process, kept position \d+; /));
    expect(lines).toContainEqual(expect.stringMatching(/^policy:start_projects: at work in another process, /));
    expect(lines).toContainEqual(expect.stringMatching(/^lifecycles: each server has its own, /));
  },
);

long('commands that need an instance make none in a folder that was mistyped', () => {
  const folder = join(paraphe.folder, 'mistyped');
  const commands = [
    ['consumers'],
    ['rebuild'],
    ['user', 'password', OFFICER.email],
    ['import', '-'],
    ['keys', 'rotate'],
    ['verify', '--store'],
    ['backup', join(folder, 'backup')],
  ];
  for (const command of sampleOf(commands, 3)) {
    const { status, stderr } = paraphe.cli(command, [], { PARAPHE_DATA_DIR: folder, PARAPHE_DATA_DRI: folder });
    expect({ command, status, stderr }).toEqual({
      command,
      status: 1,
      stderr: expect.stringMatching(
        /^PARAPHE_DATA_DRI is no setting, and is ignored\. Did you mean PARAPHE_DATA_DIR\?\nNo log in \S+mistyped: .* PARAPHE_DATA_DIR .* 'npm start'/,
      ),
    });
  }
  expect(existsSync(folder)).toBe(false);
});

long('a file is the one that lies where the command was called, wherever it runs', () => {
  writeFileSync(join(paraphe.folder, 'mine.yaml'), '{}');
  const called = { INIT_CWD: paraphe.folder };
  expect(paraphe.cli(['lifecycle', 'check', './mine.yaml'], [], called).stdout).toBe('5 defect(s).\n');
  expect(paraphe.cli(['verify', 'no.zip'], [], called).stderr).toContain(join(paraphe.folder, 'no.zip'));
  expect(paraphe.cli(['backup', '.'], [], called).stderr).toContain('must lie outside the data folder');
});

it('ends in order when who started and watches it is killed', async () => {
  const its = new Paraphe();
  const made = (...names: string[]) => names.filter((name) => existsSync(join(its.folder, name)));
  const script = `import { keepRunning } from './infra/setup/supervise.mjs';
    keepRunning(process.execPath, ['dist/apps/server/main.js'], { say: console.log });`;
  const supervisor = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, PARAPHE_DATA_DIR: its.folder, PARAPHE_PORT: '0', PARAPHE_ADMIN_PASSWORD: ADMIN.password },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [supervisor.stdout, supervisor.stderr]) stream.on('data', (chunk) => (said += chunk));
  // The server has the same two pipes: they close when it is gone too.
  const bothGone = new Promise((resolve) => supervisor.once('close', resolve));
  try {
    await eventually(
      async () => said,
      (text) => text.includes('Paraphe is at'),
    );
    expect(made('running.json', 'lock')).toHaveLength(2);
  } finally {
    supervisor.kill('SIGKILL');
    await bothGone;
  }
  expect(said).toContain('is gone: it ends.');
  expect(made('running.json', 'lock')).toEqual([]);
  await its.remove();
});

long('lets commands that read work beside it, for its own user alone, and takes that back when it ends', async () => {
  const file = join(paraphe.folder, 'running.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: paraphe.pid, url: paraphe.url });
  const archive = join(paraphe.folder, 'an-archive');
  const exported = paraphe.cli(['archive', 'export', archive]);
  expect(exported.stderr).not.toContain('in use');
  expect(exported.stdout).toMatch(/\d+ events and \d+ documents are in/);
  const password = { PARAPHE_USER_PASSWORD: 'another-password' };
  expect(paraphe.cli(['user', 'password', 'reader@demo.example'], [], password).stdout).toContain('is set');
  for (const command of [
    ['keys', 'rotate'],
    ['verify', '--store'],
  ])
    expect(paraphe.cli(command).stderr).toContain(`is in use by process ${paraphe.pid}`);
  rmSync(archive, { recursive: true });
  await paraphe.stop();
  expect(existsSync(file)).toBe(false);
  await paraphe.start();
});

long(
  'under which the log becomes another, ends rather than mix the two, and begins anew with what that one says',
  async () => {
    const folders = ['one-log', 'another-log'].map((name) => join(paraphe.folder, name)) as [string, string];
    let store = await startEmbeddedEventStore({ folder: folders[0], port: 0 });
    const port = Number(store.endpoint.split(':').at(-1));
    const server = await Paraphe.start({ EVENTSTORE_URL: `esdb://127.0.0.1:${port}?tls=false` });
    try {
      const before = await server.as(OFFICER);
      expect((await before.get('agreements/sn-migration')).status).toBe(200);
      await store.close();
      store = await startEmbeddedEventStore({ folder: folders[1], port });
      expect([await server.ended(), server.said]).toEqual([70, expect.stringContaining('begin anew')]);
      await server.start({ PARAPHE_SAMPLE: 'false' });
      const administrator = await server.as(ADMIN);
      expect((await administrator.get('agreements')).body).toMatchObject({ items: [] });
      expect((await administrator.get('agreements/sn-migration')).status).toBe(404);
    } finally {
      await server.remove();
      await store.close();
    }
  },
);

long(
  'names a record that is damaged while it runs, and serves everything else',
  async () => {
    await note('to be damaged');
    const segments = join(paraphe.folder, 'events', 'segments');
    const file = join(segments, readdirSync(segments).sort().at(-1)!);
    const at = readFileSync(file).lastIndexOf('to be damaged');
    const flip = (into: number) => {
      const descriptor = openSync(file, 'r+');
      const byte = Buffer.alloc(1);
      readSync(descriptor, byte, 0, 1, at);
      byte[0] = byte[0]! ^ into;
      writeSync(descriptor, byte, 0, 1, at);
      closeSync(descriptor);
    };
    flip(0x01);
    try {
      const said = await eventually(
        async () => paraphe.said,
        (text) => text.includes('Damage in the log'),
        90_000,
      );
      expect(said).toMatch(
        new RegExp(`Damage in the log: event \\d+ of \\S*sn-migration\\S*, at position \\d+ in ${file}: its checksum`),
      );
      await isServed();
    } finally {
      flip(0x01);
    }
  },
  120_000,
);
