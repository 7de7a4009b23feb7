import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';

// Commands over HTTP beside appends with the bare client to the same event store, in one run on one machine: the
// figures depend on the machine, the ratios much less.

const PASSWORD = 'a-password-for-the-bench';
const SECONDS = Number(process.argv[2] ?? 8);
/** Until the compiler has seen enough: before that a server measures itself getting up. */
const WARM_UP_SECONDS = 6;

interface Figures {
  perSecond: number;
  p50: number;
  p99: number;
}

/** Runs `work` over and over, so many at a time, after a short warm-up. */
async function measure(atATime: number, work: (n: number) => Promise<unknown>): Promise<Figures> {
  let n = 0;
  const run = async (seconds: number): Promise<number[]> => {
    const latencies: number[] = [];
    const end = performance.now() + seconds * 1_000;
    const worker = async () => {
      while (performance.now() < end) {
        const start = performance.now();
        await work(n++);
        latencies.push(performance.now() - start);
      }
    };
    await Promise.all(Array.from({ length: atATime }, worker));
    return latencies;
  };
  await run(WARM_UP_SECONDS);
  const start = performance.now();
  const latencies = (await run(SECONDS)).sort((a, b) => a - b);
  const elapsed = (performance.now() - start) / 1_000;
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { perSecond: latencies.length / elapsed, p50: at(0.5), p99: at(0.99) };
}

async function startServer(folder: string): Promise<{ child: ChildProcess; url: URL; readyAfter: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, ['dist/apps/server/main.js'], {
    env: {
      ...process.env,
      PARAPHE_PORT: '0',
      PARAPHE_DATA_DIR: folder,
      PARAPHE_SAMPLE: 'true',
      PARAPHE_ADMIN_PASSWORD: PASSWORD,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<URL>((resolve, reject) => {
    let said = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk;
      const match = /Paraphe is at (\S+)/.exec(said);
      if (match) resolve(new URL(match[1]!));
    });
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)));
  });
  return { child, url, readyAfter: performance.now() - start };
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

function post(
  url: URL,
  path: string,
  body: object,
  headers: Record<string, string>,
): Promise<{ status: number; body: string; cookie: string }> {
  return new Promise((resolve, reject) => {
    const payload = JSON.stringify(body);
    const call = request(
      {
        agent,
        host: '127.0.0.1',
        port: url.port,
        path: `/api/v1/${path}`,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload), ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            body: text,
            cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
          }),
        );
      },
    );
    call.on('error', reject);
    call.end(payload);
  });
}

/** Memory of the server and all its descendants, shared pages counted once (Linux). */
function memoryOf(pid: number): number {
  let total = 0;
  const parents = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      parents.set(parent, [...(parents.get(parent) ?? []), Number(entry)]);
    } catch {
      // It ended meanwhile.
    }
  }
  const visit = (id: number) => {
    try {
      total += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      // It ended meanwhile, or is another user's.
    }
    for (const child of parents.get(id) ?? []) visit(child);
  };
  visit(pid);
  return total;
}

const row = (name: string, { perSecond, p50, p99 }: Figures) =>
  console.log(
    `${name.padEnd(34)} ${Math.round(perSecond).toString().padStart(7)}/s   p50 ${p50.toFixed(1).padStart(6)} ms   p99 ${p99.toFixed(1).padStart(6)} ms`,
  );

const folder = mkdtempSync(join(tmpdir(), 'paraphe-bench-'));
const server = await startServer(folder);
try {
  console.log(`Ready after ${(server.readyAfter / 1_000).toFixed(1)} s (first start, with the sample).`);
  if (process.platform === 'linux') {
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    console.log(`Idle memory of all processes: ${Math.round(memoryOf(server.child.pid!))} MB.`);
  }
  const signIn = await post(server.url, 'session', { email: 'admin@paraphe.local', password: PASSWORD }, {});
  const { token } = JSON.parse(
    (await post(server.url, 'tokens', { name: 'bench' }, { cookie: signIn.cookie })).body,
  ) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const round = Date.now();
  const command = async (n: number) => {
    const id = `bench-${round}-${n}`;
    const answer = await post(
      server.url,
      'agreements',
      { id, title: `Accord ${n}`, type: 'protocol', parties: [{ organisation: 'ma' }, { organisation: 'sn' }] },
      headers,
    );
    if (answer.status !== 201) throw new Error(answer.body);
    last = JSON.parse(answer.body) as { position: string };
  };
  let last = { position: '0' };
  /** Lets the read models come up to the last command, so that the next measurement has the machine to itself. */
  const caughtUp = async () => {
    for (let status = 0; status !== 200; ) {
      const answer = await fetch(new URL(`/api/v1/programmes?after=${last.position}`, server.url), { headers });
      status = answer.status;
    }
  };
  const client = new EventStoreDBClient({ endpoint: `unix:${join(folder, 'events', 'socket')}` }, { insecure: true });
  const append = (n: number) => {
    const data = {
      title: `Accord ${n}`,
      type: 'protocol',
      parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
      stage: 'identified',
      slots: [],
    };
    const metadata = {
      commandId: '0',
      correlationId: '0',
      actor: { kind: 'user', id: 'administrator', roles: ['administrator'] },
      recordedAt: '2026-01-01T00:00:00.000Z',
      effectiveOn: '2026-01-01',
    };
    return client.appendToStream(`bare${round}-${n}`, jsonEvent({ type: 'Bare', data, metadata }), {
      expectedRevision: 'no_stream',
    });
  };
  let bare = 0;
  for (const atATime of [64, 1]) {
    const appends = await measure(atATime, () => append(bare++));
    const commands = await measure(atATime, (n) => command(n + atATime * 10_000_000));
    await caughtUp();
    row(`commands over HTTP, ${atATime} at a time`, commands);
    row(`bare appends, ${atATime} at a time`, appends);
    console.log(`ratio: ${(commands.perSecond / appends.perSecond).toFixed(2)}\n`);
  }
  await client.dispose();
} finally {
  const ended = new Promise((resolve) => server.child.once('exit', resolve));
  server.child.kill('SIGTERM');
  await ended;
  agent.destroy();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
