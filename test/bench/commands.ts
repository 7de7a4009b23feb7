import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { SERVER_OPTIONS } from '../support/paraphe.js';
import { measure, memoryOf, row } from './measure.js';

const PASSWORD = 'a-password-for-the-bench';

async function startServer(folder: string): Promise<{ child: ChildProcess; url: URL; readyAfter: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, [...SERVER_OPTIONS, 'dist/apps/server/main.js'], {
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

/** Commands over HTTP beside appends with the bare client to the same event store. */
export async function benchCommands(seconds: number): Promise<void> {
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
      const appends = await measure(seconds, atATime, () => append(bare++));
      const commands = await measure(seconds, atATime, (n) => command(n + atATime * 10_000_000));
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
}
