import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export const ADMIN = { email: 'admin@paraphe.local', password: 'a-password-for-tests' };
export const OFFICER = { email: 'officer@demo.example', password: 'demonstration-2018' };
export const APPROVER = { email: 'approver@demo.example', password: 'demonstration-2018' };
export const AUDITOR = { email: 'auditor@demo.example', password: 'demonstration-2018' };
export const READER = { email: 'reader@demo.example', password: 'demonstration-2018' };

export interface Answer<Body = Record<string, never>> {
  status: number;
  headers: Headers;
  body: Body;
}

type Json = Record<string, unknown>;

/** A program that uses the API with a token of its own. */
export class ApiUser {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  get<Body = any>(path: string, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.send('GET', path, undefined, headers);
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  post<Body = any>(
    path: string,
    body: Json | string = {},
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    return this.send('POST', path, body, headers);
  }

  async send<Body>(
    method: string,
    path: string,
    body: Json | string | undefined,
    headers: Record<string, string>,
  ): Promise<Answer<Body>> {
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && {
          'content-type': typeof body === 'string' ? 'application/yaml' : 'application/json',
        }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : {}) as Body };
  }
}

/** A working morning, a Wednesday: it is always that day in the tests. */
export const THE_DAY = '2026-11-25T09:00:00Z';

/** As `npm start` has them (infra/setup/toolchain.mjs). */
export const SERVER_OPTIONS = ['--max-semi-space-size=32', '--heap-growing-percent=60'];

/** A real server in a process of its own, on a data folder of its own and a free port. */
export class Paraphe {
  private child: ChildProcess | undefined;
  private output = '';
  /** The same at each start: whoever has signed in goes on. */
  private port: number | undefined;
  private madeAt = Date.now();
  /** By how many milliseconds its clock is moved from the next start on. */
  clockMoved = 0;
  readonly folder = mkdtempSync(join(tmpdir(), 'paraphe-test-'));
  url = '';

  /** @param settings of every start, and of commands that are to work upon the same stores */
  constructor(readonly settings: Record<string, string> = {}) {}

  static async start(environment: Record<string, string> = {}): Promise<Paraphe> {
    const paraphe = new Paraphe(environment);
    if (Object.keys(environment).length === 0) await paraphe.beginAsOthers();
    await paraphe.start();
    return paraphe;
  }

  /** Takes what a first start with nothing set has left: whoever comes first in a run of all tests makes it, once for all. */
  private async beginAsOthers(): Promise<void> {
    const shared = process.env.FIRST_START_OF_TESTS;
    if (!shared) return;
    const [house, clock] = [join(shared, 'house'), join(shared, 'clock')];
    if (existsSync(clock)) {
      execFileSync('cp', ['-a', `${house}/.`, this.folder]);
      this.clockMoved = Date.parse(readFileSync(clock, 'utf8')) - Date.parse(THE_DAY);
    } else if (mkdirSync(house, { recursive: true })) {
      await this.start();
      await this.stop();
      // Owners are kept, and what lies behind a link comes along.
      execFileSync('cp', ['-a', '-L', `${this.folder}/.`, house]);
      // Whoever finds it finds it whole.
      writeFileSync(`${clock}.coming`, this.now);
      renameSync(`${clock}.coming`, clock);
    }
    // Else somebody is making it: nobody waits for that.
  }

  /** Another by the same clock, upon a copy of all that matters of this one, which does not run: what is done to it, is not done to this one. */
  copied(): Paraphe {
    const copy = new Paraphe({ ...this.settings, PARAPHE_SAMPLE: 'false' });
    copy.madeAt = this.madeAt;
    copy.clockMoved = this.clockMoved;
    for (const part of ['events', 'documents', 'transparency', 'keys', 'instance.key'])
      if (existsSync(join(this.folder, part)))
        cpSync(join(this.folder, part), join(copy.folder, part), { recursive: true });
    return copy;
  }

  /** What its clock says. */
  private get now(): string {
    return new Date(Date.parse(THE_DAY) + Date.now() - this.madeAt + this.clockMoved).toISOString();
  }

  /** @param environment settings of this start alone */
  async start(environment: Record<string, string> = {}): Promise<void> {
    this.output = '';
    this.port ??= await freePort();
    const child = spawn(process.execPath, [...SERVER_OPTIONS, 'dist/apps/server/main.js'], {
      env: {
        ...process.env,
        PARAPHE_PORT: String(this.port),
        PARAPHE_DATA_DIR: this.folder,
        PARAPHE_SAMPLE: 'true',
        PARAPHE_ADMIN_PASSWORD: ADMIN.password,
        PARAPHE_NOW: this.now,
        // Most tests wait for one message after another to the same few people.
        PARAPHE_DIGEST_MINUTES: '0',
        ...this.settings,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.url = await new Promise<string>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        this.output += chunk;
        const match = /Paraphe is at (\S+)/.exec(this.output);
        if (match) resolve(match[1]!);
      };
      child.stdout!.on('data', hear);
      child.stderr!.on('data', hear);
      child.once('exit', (code) => reject(new Error(`The server ended with ${code}:\n${this.output}`)));
    });
    await this.caughtUp();
  }

  /** It serves before its lists hold everything; most tests ask lists. Where a store is away, nobody waits longer than this. */
  private async caughtUp(milliseconds = 20_000): Promise<void> {
    const until = Date.now() + milliseconds;
    while (Date.now() < until) {
      const response = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      const health = (await response?.json()) as { readModels?: { isCaughtUp: boolean } } | undefined;
      if (health?.readModels?.isCaughtUp) return;
      await setTimeout(100);
    }
  }

  get said(): string {
    return this.output;
  }

  /** Signs in and takes a personal access token. */
  async as({ email, password }: { email: string; password: string }): Promise<ApiUser> {
    const headers = { 'content-type': 'application/json' };
    const session = await fetch(`${this.url}/api/v1/session`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email, password }),
    });
    const cookie = session.headers.get('set-cookie')!.split(';')[0]!;
    const issued = await fetch(`${this.url}/api/v1/tokens`, {
      method: 'POST',
      headers: { ...headers, cookie },
      body: JSON.stringify({ name: 'test' }),
    });
    const { token } = (await issued.json()) as { token: string };
    return new ApiUser(this.url, token);
  }

  /** Runs the command line, by the same clock, and says what came of it. */
  cli(command: string[], options: string[] = [], environment: Record<string, string> = {}, input = '') {
    return spawnSync(process.execPath, ['dist/apps/cli/main.js', ...command, ...options], {
      env: {
        ...process.env,
        INIT_CWD: process.cwd(),
        PARAPHE_DATA_DIR: this.folder,
        PARAPHE_NOW: this.now,
        ...environment,
      },
      input,
      encoding: 'utf8',
    });
  }

  /** The process id of the server. */
  get pid(): number {
    return this.child!.pid!;
  }

  /** The process id of the event store that this server runs. */
  eventStorePid(): number {
    return (JSON.parse(readFileSync(join(this.folder, 'events', 'lock'), 'utf8')) as { pid: number }).pid;
  }

  /** Ends the server at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends the server in order; says its exit code. */
  async stop(): Promise<number | null> {
    await this.end('SIGTERM');
    return this.child?.exitCode ?? null;
  }

  /** Waits until it ends by itself; says its exit code. */
  async ended(): Promise<number | null> {
    const child = this.child!;
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('exit', resolve));
    return child.exitCode;
  }

  async remove(): Promise<void> {
    await this.stop();
    // For root the database lies elsewhere, behind a link.
    const database = join(this.folder, 'postgres');
    if (existsSync(database)) rmSync(realpathSync(database), { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

/** A port at which nobody listens, below those that a system gives to whoever calls: so it is free for a second start too. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('listening', () => server.close(() => resolve(true)));
      server.once('error', () => resolve(false));
    });
    if (isFree) return port;
  }
}

/** It is looked again as soon as one may hope, then ever less often: else the looking is what is waited for. */
const FIRST_LOOK_MS = 20;
const LAST_LOOK_MS = 250;

/** Looks again and again until what it sees satisfies. */
export async function eventually<Result>(
  look: () => Promise<Result>,
  satisfies: (result: Result) => boolean,
  milliseconds = 30_000,
): Promise<Result> {
  const deadline = Date.now() + milliseconds;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.3, LAST_LOOK_MS)) {
    const result = await look();
    if (satisfies(result)) return result;
    if (Date.now() > deadline)
      throw new Error(
        `It did not come about within ${milliseconds} ms; last seen: ${JSON.stringify(result)?.slice(0, 2_000)}`,
      );
    await setTimeout(pause);
  }
}
