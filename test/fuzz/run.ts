import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ADMIN, APPROVER, AUDITOR, OFFICER, Paraphe, READER } from '../support/paraphe.js';
import { Canary } from './canary.js';
import { isExcluded } from './exclusions.js';
import { INSPECTED, type Memory, memoryOf } from './memory.js';
import { openApiOf, operationsOf } from './openapi.js';
import { brokenPromise } from './promises.js';
import { Random } from './random.js';
import { type FuzzRequest, RequestMaker, type Role } from './requests.js';
import { curl, NoAnswer, send } from './send.js';
import { minimal } from './shrink.js';
import { vocabularyOf } from './vocabulary.js';

const BATCH = 100;
const AT_ONCE = 8;
const DEADLINE_MS = 30_000;
/** Between two canaries the event loop may stall for so long, on a machine that does other things too. */
const MOST_STALL_SECONDS = 1;
/** By how much the memory held may grow once the caches have filled. */
const MOST_GROWTH_MB = 150;
const WARM_UP = 500;
/** A body is not taken into the buffers of the connection as a whole from so many bytes on. */
const LARGE = 1_000_000;
/** After so many different faults there is enough to do. */
const MOST_FAULTS = 25;

const ACCOUNTS = { officer: OFFICER, administrator: ADMIN, approver: APPROVER, auditor: AUDITOR, reader: READER };

/** Something that must not be. */
export interface Fault {
  what: string;
  /** How to see it again. */
  reproduction: string;
}

export interface Report {
  requests: number;
  faults: Fault[];
  /** How many answers there were, by status. */
  statuses: Record<number, number>;
  /** Operations that only ever refused: nothing is known of what lies behind their door. */
  onlyRefused: string[];
  /** The memory of the server after the warm-up and at the end. */
  memory: { before: Memory; after: Memory };
}

export interface FuzzOptions {
  requests: number;
  seed: number;
  say(line: string): void;
}

/** Sends requests to a server of its own, and looks whether the house stands. */
export async function fuzz(options: FuzzOptions): Promise<Report> {
  const paraphe = await Paraphe.start(INSPECTED);
  try {
    const run = await FuzzRun.on(paraphe, options);
    await run.all();
    await paraphe.stop();
    run.lookBehind();
    return run.report();
  } finally {
    await paraphe.remove();
  }
}

class FuzzRun {
  private readonly faults = new Map<string, Fault>();
  private readonly statuses = new Map<string, number[]>();
  private readonly memory = { before: { held: 0, resident: 0 }, after: { held: 0, resident: 0 } };
  /** What was sent since the canary sang last, and was not refused. */
  private suspects: FuzzRequest[] = [];
  private readonly own = monitorEventLoopDelay();
  private readonly underWay = new Set<FuzzRequest>();
  private sent = 0;
  private stands = true;

  private constructor(
    private readonly paraphe: Paraphe,
    private readonly options: FuzzOptions,
    private readonly maker: RequestMaker,
    private readonly tokens: Partial<Record<Role, string>>,
    private readonly canary: Canary,
  ) {}

  static async on(paraphe: Paraphe, options: FuzzOptions): Promise<FuzzRun> {
    const document = await openApiOf(paraphe.url);
    const operations = operationsOf(document);
    const maker = new RequestMaker(operations, await vocabularyOf(paraphe, document));
    const tokens: Partial<Record<Role, string>> = {};
    for (const [role, account] of Object.entries(ACCOUNTS)) tokens[role as Role] = (await paraphe.as(account)).token;
    options.say(`${operations.length} operations, seed ${options.seed}, server ${paraphe.pid} at ${paraphe.url}`);
    return new FuzzRun(paraphe, options, maker, tokens, await Canary.hatch(paraphe));
  }

  async all(): Promise<void> {
    const { requests, say } = this.options;
    const begin = performance.now();
    this.own.enable();
    await this.listen();
    while (this.sent < requests && this.stands && this.faults.size < MOST_FAULTS) {
      await this.batch(Math.min(BATCH, requests - this.sent));
      await this.listen();
      if (this.sent % 1_000 === 0)
        say(`${this.sent} requests, ${Math.round((performance.now() - begin) / 1_000)} s, ${this.faults.size} faults`);
      if (this.stands && this.memory.before.held === 0 && this.sent >= WARM_UP)
        this.memory.before = await memoryOf(this.paraphe);
    }
    if (!this.stands || this.memory.before.held === 0) return;
    this.memory.after = await memoryOf(this.paraphe);
    const growth = this.memory.after.held - this.memory.before.held;
    if (growth > MOST_GROWTH_MB) this.fault(`it holds ${growth} MB more than after the first ${WARM_UP} requests`, '');
  }

  /** What the stopped server leaves behind: its log, and what it has stored. */
  lookBehind(): void {
    const words = this.paraphe.said.split('\n').filter((line) => /unhandled|rejected/i.test(line));
    if (words.length > 0)
      this.fault('the log of the server has rejections that nobody handled', words.slice(0, 5).join('\n'));
    if (!this.stands) return;
    const { status, stdout, stderr } = this.paraphe.cli(['verify'], ['--store']);
    if (status !== 0) this.fault('`paraphe verify --store` finds defects', (stderr + stdout).slice(-3_000));
  }

  report(): Report {
    const all = [...this.statuses.values()].flat();
    const counts = Object.groupBy(all, String);
    return {
      requests: this.sent,
      faults: [...this.faults.values()],
      statuses: Object.fromEntries(Object.entries(counts).map(([status, those]) => [status, those!.length])),
      onlyRefused: [...this.statuses].filter(([, those]) => those.every((status) => status >= 400)).map(([id]) => id),
      memory: this.memory,
    };
  }

  /** Sends so many requests, several at a time. */
  private async batch(count: number): Promise<void> {
    const end = this.sent + count;
    this.suspects = [];
    const oneAfterAnother = async () => {
      while (this.stands && this.sent < end) await this.one(this.next(this.sent++));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, oneAfterAnother));
  }

  /** The request of a number: another one in place of what is excluded. */
  private next(number: number): FuzzRequest {
    const random = new Random(this.options.seed, number);
    for (;;) {
      const request = this.maker.make(random);
      if (!isExcluded(request)) return request;
    }
  }

  private async one(request: FuzzRequest): Promise<void> {
    this.underWay.add(request);
    const { status, broken, body } = await this.send(request);
    this.statuses.set(request.operation, [...(this.statuses.get(request.operation) ?? []), status]);
    if (request.method !== 'GET' && status < 400) this.suspects.push(request);
    if (status === 0) this.silence(request, broken!);
    else if (broken !== undefined) await this.misbehaved(request, broken, body);
    this.underWay.delete(request);
  }

  /** An answer as it should not be: the smallest request that gets it is told. */
  private async misbehaved(request: FuzzRequest, broken: string, body: string): Promise<void> {
    const what = `${request.operation} ${broken}`;
    if (this.faults.has(what)) return;
    this.fault(what, '');
    const small = await minimal(request, async (smaller) => (await this.send(smaller)).broken === broken);
    this.fault(what, `${this.shown(small)}\n${body.slice(0, 1_000)}`);
  }

  /** No answer: whatever was under way may have done it. */
  private silence({ body }: FuzzRequest, reason: string): void {
    // Who is refused while still sending may be cut off before the answer is read: so it is with TCP.
    if ((body?.length ?? 0) > LARGE && /EPIPE|ECONNRESET/.test(reason)) return;
    const requests = [...this.underWay].map((request) => this.shown(request));
    const isGone = reason.includes('ECONNREFUSED');
    // What comes after the end of the server says nothing.
    if (!this.stands) return;
    if (isGone) this.stands = false;
    const what = isGone ? 'the server is gone' : `no answer (${reason})`;
    if (!this.faults.has(what)) this.fault(what, [...requests, this.paraphe.said.slice(-2_000)].join('\n'));
  }

  /** Sends, and says which promise the answer breaks; status 0 where there was none. */
  private async send(request: FuzzRequest): Promise<{ status: number; broken?: string | undefined; body: string }> {
    try {
      const answer = await send(this.paraphe.url, this.tokens[request.as], request, DEADLINE_MS);
      return { status: answer.status, broken: brokenPromise(answer), body: answer.body };
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { status: 0, broken: error.message, body: '' };
    }
  }

  /** Has the canary sing, and reads how late the event loop was since it sang last. */
  private async listen(): Promise<void> {
    const wrong = await this.canary.sing(this.sent);
    const { stall = 0 } = /longest_stall_seconds (?<stall>\S+)/.exec(await this.metrics())?.groups ?? {};
    const ours = this.own.max / 1e9;
    this.own.reset();
    // A machine that is busy elsewhere keeps an idle loop waiting too.
    if (Number(stall) > MOST_STALL_SECONDS + ours)
      wrong.push(`the event loop stalled for ${stall} s (ours for ${ours.toFixed(1)} s)`);
    if (wrong.length === 0) return;
    this.stands = false;
    this.fault(
      `after ${this.sent} requests the house does not stand: ${wrong.join('; ')}`,
      [
        'One of these did it, the last hundred that were not refused:',
        ...this.suspects.map((one) => this.shown(one)),
      ].join('\n'),
    );
  }

  /** What the server measures of itself; nothing where it does not answer, which the canary says. */
  private async metrics(): Promise<string> {
    return fetch(`${this.paraphe.url}/metrics`, { signal: AbortSignal.timeout(DEADLINE_MS) })
      .then((response) => response.text())
      .catch(() => '');
  }

  private shown(request: FuzzRequest): string {
    return curl(this.paraphe.url, request);
  }

  private fault(what: string, reproduction: string): void {
    if (!this.faults.has(what)) this.options.say(`FAULT: ${what}`);
    this.faults.set(what, { what, reproduction });
  }
}
