import { rmSync } from 'node:fs';
import { BACKWARDS, END, EventStoreDBClient, FORWARDS, isCommandError, jsonEvent, START } from '@eventstore/db-client';
import fc from 'fast-check';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import { IS_LONG } from '../../test/support/sample.js';
import { disconnect, temporaryFolder } from './testing.js';

// Random changes, reads and restarts, through the official client, beside a model so simple that it can be seen to be right.

interface ModelStream {
  /** Event numbers by revision; the metadata stream's are not kept. */
  events: number[];
  first: number;
  maxCount?: number;
  isDeleted: boolean;
  isEnded: boolean;
  hasMetadata: boolean;
}

interface Model {
  streams: Map<string, ModelStream>;
  /** All numbers ever appended, in the order of the log. */
  log: number[];
  next: number;
}

class Real {
  client!: EventStoreDBClient;
  store!: EmbeddedEventStore;
  readonly folder = temporaryFolder();

  async start() {
    this.store = await startEmbeddedEventStore({ folder: this.folder });
    this.client = new EventStoreDBClient({ endpoint: this.store.endpoint }, { insecure: true });
  }

  async stop() {
    await disconnect(this.client);
    await this.store.close();
  }
}

type Counted = { type: 'Counted'; data: { n: number } };
type Expected = 'any' | 'no_stream' | 'stream_exists' | 'exact' | 'too low' | 'too high';

const streamOf = (model: Model, name: string): ModelStream => {
  const known = model.streams.get(name) ?? {
    events: [],
    first: 0,
    isDeleted: false,
    isEnded: false,
    hasMetadata: false,
  };
  model.streams.set(name, known);
  return known;
};

/** What comes of a change that expects a revision: it is made, or an error of this type. */
function verdict(stream: ModelStream, expected: Expected): 'made' | 'stream-deleted' | 'wrong-expected-version' {
  if (stream.isEnded) return 'stream-deleted';
  const exists = stream.events.length > 0;
  switch (expected) {
    case 'any':
    case 'exact':
      return 'made';
    case 'no_stream':
      return !exists || stream.isDeleted ? 'made' : 'wrong-expected-version';
    case 'stream_exists':
      if (stream.isDeleted) return 'stream-deleted';
      return exists || stream.hasMetadata ? 'made' : 'wrong-expected-version';
    default:
      return 'wrong-expected-version';
  }
}

function revisionFor(stream: ModelStream, expected: Expected) {
  const last = stream.events.length - 1;
  if (expected === 'exact') return last < 0 ? 'no_stream' : BigInt(last);
  if (expected === 'too low') return last < 1 ? BigInt(last + 5) : BigInt(last - 1);
  if (expected === 'too high') return BigInt(last + 3);
  return expected;
}

const outcomeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'made',
    (error) => (isCommandError(error) ? error.type : Promise.reject(error)),
  );

class Append implements fc.AsyncCommand<Model, Real> {
  constructor(
    readonly name: string,
    readonly count: number,
    readonly expected: Expected,
  ) {}
  check = () => true;
  async run(model: Model, { client }: Real) {
    const stream = streamOf(model, this.name);
    const numbers = Array.from({ length: this.count }, (_, index) => model.next + index);
    const events = numbers.map((n) => jsonEvent<Counted>({ type: 'Counted', data: { n } }));
    const expectedRevision = revisionFor(stream, this.expected);
    const should = verdict(stream, this.expected);
    expect(await outcomeOf(client.appendToStream(this.name, events, { expectedRevision }))).toBe(should);
    if (should !== 'made') return;
    // A stream that goes on after a delete has these events elsewhere than `no_stream` says.
    const isElsewhere = this.expected === 'no_stream' && stream.events.length > 0;
    if (stream.isDeleted) Object.assign(stream, { first: stream.events.length, isDeleted: false });
    stream.events.push(...numbers);
    model.log.push(...numbers);
    model.next += this.count;
    // The same again is a repetition, and appends nothing.
    const again = await outcomeOf(client.appendToStream(this.name, events, { expectedRevision }));
    expect(again).toBe(isElsewhere ? 'wrong-expected-version' : 'made');
  }
  toString = () => `append(${this.name}, ${this.count}, ${this.expected})`;
}

class Delete implements fc.AsyncCommand<Model, Real> {
  constructor(
    readonly name: string,
    readonly expected: 'any' | 'exact' | 'too high',
    readonly forGood: boolean,
  ) {}
  check = () => true;
  async run(model: Model, { client }: Real) {
    const stream = streamOf(model, this.name);
    const expectedRevision = revisionFor(stream, this.expected) as 'any';
    const should = verdict(stream, this.expected);
    const change = this.forGood
      ? client.tombstoneStream(this.name, { expectedRevision })
      : client.deleteStream(this.name, { expectedRevision });
    expect(await outcomeOf(change)).toBe(should);
    if (should !== 'made') return;
    if (this.forGood) stream.isEnded = true;
    else {
      delete stream.maxCount;
      Object.assign(stream, { isDeleted: true, hasMetadata: true });
    }
  }
  toString = () => `${this.forGood ? 'tombstone' : 'delete'}(${this.name}, ${this.expected})`;
}

class SetMetadata implements fc.AsyncCommand<Model, Real> {
  constructor(
    readonly name: string,
    readonly metadata: { maxCount?: number; truncateBefore?: number },
  ) {}
  check = () => true;
  async run(model: Model, { client }: Real) {
    const stream = streamOf(model, this.name);
    const change = client.setStreamMetadata(this.name, this.metadata);
    expect(await outcomeOf(change)).toBe(stream.isEnded ? 'stream-deleted' : 'made');
    if (stream.isEnded) return;
    delete stream.maxCount;
    const { maxCount, truncateBefore = 0 } = this.metadata;
    Object.assign(stream, { first: truncateBefore, isDeleted: false, hasMetadata: true }, maxCount && { maxCount });
  }
  toString = () => `setMetadata(${this.name}, ${JSON.stringify(this.metadata)})`;
}

class Read implements fc.AsyncCommand<Model, Real> {
  constructor(
    readonly name: string,
    readonly backwards: boolean,
    readonly most: number,
  ) {}
  check = () => true;
  async run(model: Model, { client }: Real) {
    const stream = streamOf(model, this.name);
    const direction = this.backwards ? BACKWARDS : FORWARDS;
    const fromRevision = this.backwards ? END : START;
    const found: number[] = [];
    const reading = (async () => {
      const events = client.readStream<Counted>(this.name, { direction, fromRevision, maxCount: this.most });
      for await (const { event } of events) found.push(event!.data.n);
    })();
    const outcome = await outcomeOf(reading);
    if (stream.isEnded) return expect(outcome).toBe('stream-deleted');
    if (stream.isDeleted || stream.events.length === 0) return expect(outcome).toBe('stream-not-found');
    const first = Math.max(stream.first, stream.maxCount ? stream.events.length - stream.maxCount : 0);
    const visible = stream.events.slice(first);
    if (this.backwards) visible.reverse();
    expect(found).toEqual(visible.slice(0, this.most));
  }
  toString = () => `read(${this.name}, ${this.backwards ? 'backwards' : 'forwards'}, ${this.most})`;
}

class ReadAll implements fc.AsyncCommand<Model, Real> {
  check = () => true;
  async run(model: Model, { client }: Real) {
    const found: number[] = [];
    for await (const { event } of client.readAll()) {
      if (event?.type === 'Counted') found.push((event.data as Counted['data']).n);
    }
    expect(found).toEqual(model.log);
    const back: number[] = [];
    for await (const { event } of client.readAll({ direction: BACKWARDS, fromPosition: END })) {
      if (event?.type === 'Counted') back.push((event.data as Counted['data']).n);
    }
    expect(back).toEqual([...model.log].reverse());
  }
  toString = () => 'readAll';
}

class Restart implements fc.AsyncCommand<Model, Real> {
  constructor(readonly kill: boolean) {}
  check = () => true;
  async run(_model: Model, real: Real) {
    if (this.kill) process.kill(real.store.pid!, 'SIGKILL');
    await real.stop();
    await real.start();
  }
  toString = () => (this.kill ? 'kill and restart' : 'restart');
}

it('behaves like the model, whatever happens in whatever order', async () => {
  const name = fc.constantFrom('a', 'b', 'c-1');
  const expected = fc.constantFrom<Expected[]>('any', 'no_stream', 'stream_exists', 'exact', 'too low', 'too high');
  const commands = fc.commands<Model, Real, false>(
    [
      fc.tuple(name, fc.integer({ min: 1, max: 5 }), expected).map((all) => new Append(...all)),
      fc.tuple(name, fc.integer({ min: 1, max: 5 }), fc.constant<Expected>('any')).map((all) => new Append(...all)),
      fc.tuple(name, fc.constantFrom('any', 'exact', 'too high'), fc.constant(false)).map((all) => new Delete(...all)),
      fc
        .tuple(fc.constant('c-1'), fc.constantFrom('exact', 'too high'), fc.constant(true))
        .map((all) => new Delete(...all)),
      fc
        .tuple(
          name,
          fc.record({ maxCount: fc.integer({ min: 1, max: 6 }), truncateBefore: fc.nat(6) }, { requiredKeys: [] }),
        )
        .map((all) => new SetMetadata(...all)),
      fc.tuple(name, fc.boolean(), fc.integer({ min: 1, max: 20 })).map((all) => new Read(...all)),
      fc.constant(new ReadAll()),
      fc.boolean().map((kill) => new Restart(kill)),
    ] as never,
    { maxCommands: 60, size: '+1' },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (run) => {
      const real = new Real();
      await real.start();
      try {
        await fc.asyncModelRun(() => ({ model: { streams: new Map(), log: [], next: 0 }, real }), run);
      } finally {
        await real.stop();
        rmSync(real.folder, { recursive: true, force: true });
      }
    }),
    { numRuns: IS_LONG ? 60 : 3 },
  );
});
