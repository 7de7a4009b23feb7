import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { jsonEvent } from '@eventstore/db-client';
import { sql } from 'kysely';
import { z } from 'zod';
import { type EmbeddedEventStore, startEmbeddedEventStore } from '#embedded-eventstore';
import {
  Codec,
  ConsumerRunner,
  EventStore,
  HandlingConsumer,
  journal,
  keptPosition,
  LogFeed,
  newId,
  Precedence,
  type ReadModel,
  type Recorded,
  readModel,
  type Skips,
  TurnLost,
} from '#event-sourcing';
import { QuietLine } from '../../test/support/quiet-line.js';
import { oneIn } from '../../test/support/sample.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
import { Projector } from './projector.js';
import { ReadStore } from './read-store.js';
import { Turns } from './turns.js';

const long = oneIn(2);

type Noted = { type: 'Noted'; data: { text: string }; effectiveOn: string };
const noted = { Noted: { schema: z.object({ text: z.string() }) } };
interface NoteRow {
  id: string;
  texts: string[];
  latest: string;
  revision: number;
}

const notesOf = (version: number, prefix = '') =>
  readModel({
    name: 'notes',
    version,
    of: 'note',
    fold: {
      initial: [] as string[],
      evolve(texts: string[], event: Noted) {
        if (event.data.text === 'absurd') throw new RangeError('absurd: no such text is expected');
        return [...texts, prefix + event.data.text];
      },
    },
    columns: { id: 'text', texts: 'jsonb', latest: 'text', revision: 'integer' },
    row: (texts, { id, revision }): NoteRow => ({ id, texts, latest: texts.at(-1)!, revision }),
  });
const notes = notesOf(1);

type Jotted = { type: 'Jotted'; data: { text: string }; effectiveOn: string };
/** Of other subjects: what cannot be read of a note is none of its business. */
const MEMOS = {
  name: 'memos',
  version: 1,
  of: 'memo',
  fold: { initial: '', evolve: (_text: string, event: Jotted) => event.data.text },
  columns: { id: 'text', text: 'text' },
  row: (text: string, { id }: { id: string }) => ({ id, text }),
} as const;
const memos = readModel(MEMOS);
const entries = journal({
  name: 'entries',
  version: 1,
  columns: { id: 'text', subject: 'text' },
  each: ({ id, subject }) => ({ id, subject }),
});

let folder: string;
let server: EmbeddedEventStore;
let postgres: EmbeddedPostgres;
let store: EventStore;
const processes: Process[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'projector-'));
  [server, postgres] = await Promise.all([
    startEmbeddedEventStore({ folder: join(folder, 'events') }),
    startEmbeddedPostgres(join(folder, 'postgres')),
  ]);
  store = new EventStore({ endpoint: server.endpoint }, new Codec({ note: noted, memo: { Jotted: noted.Noted } }));
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.end();
  const readStore = new ReadStore(postgres.connectionString);
  await sql`drop schema public cascade`.execute(readStore.tables());
  await sql`create schema public`.execute(readStore.tables());
  await readStore.close();
});
afterAll(async () => {
  await store.close();
  await Promise.all([server.close(), postgres.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const skipsOf = (skipped: ReadonlySet<string>): Skips => ({
  get count() {
    return skipped.size;
  },
  has: (_consumer, event) => skipped.has(event),
});

/** What one server process has of all this. */
class Process {
  readonly readStore: ReadStore;
  readonly turns: Turns;
  readonly feed = new LogFeed(store);
  readonly troubles: string[] = [];
  readonly skipped = new Set<string>();
  readonly skips: Skips = skipsOf(this.skipped);
  readonly runner: ConsumerRunner;
  readonly stop = new AbortController();
  private readonly running: Promise<void>[] = [];
  readonly projector: Projector;

  constructor(models: ReadModel[] = [notes], connectionString = postgres.connectionString) {
    this.readStore = new ReadStore(connectionString);
    this.turns = new Turns(this.readStore, { timeoutMilliseconds: 1_000 });
    const { readStore, turns, feed, skips } = this;
    const onTrouble = (_name: string, reason: string) => void this.troubles.push(reason);
    this.runner = new ConsumerRunner({ store, feed, turns, precedence: new Precedence(), onTrouble });
    this.projector = new Projector(models, { readStore, turns, feed, skips, store });
    processes.push(this);
  }

  static async start(...made: ConstructorParameters<typeof Process>): Promise<Process> {
    const started = new Process(...made);
    await started.turns.prepare(async () => undefined);
    await started.projector.prepare();
    started.running.push(started.runner.run(started.projector, started.stop.signal));
    return started;
  }

  run(consumer: Parameters<ConsumerRunner['run']>[0]): void {
    this.running.push(this.runner.run(consumer, this.stop.signal));
  }

  async row(id: string): Promise<NoteRow | undefined> {
    return this.readStore.from(notes).selectAll().where('id', '=', id).executeTakeFirst();
  }

  async end(): Promise<void> {
    this.stop.abort();
    await Promise.all(this.running);
    await this.turns.close();
    await this.readStore.close();
  }
}

const metadata = () => ({
  commandId: newId(),
  correlationId: newId(),
  actor: { kind: 'system' as const, id: 'test' },
  recordedAt: '2026-03-02T09:00:00Z',
  effectiveOn: '2026-03-02',
});

/** Appends by the bare client, whatever it is; gives where it stands. */
async function append(id: string, text: unknown, type = 'note.noted.v1', eventId = newId()) {
  const event = jsonEvent({ id: eventId, type, data: { text } as Record<string, string>, metadata: metadata() });
  const { position } = await store.client.appendToStream(`${type.startsWith('memo') ? 'memo' : 'note'}-${id}`, event);
  return { position: keptPosition(String(position!.commit)), event: event.id };
}

/** Looking costs those who are waited for. */
const LOOK_AGAIN_MS = 10;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(LOOK_AGAIN_MS);
}

const waited = (one: Process, { position }: { position: ReturnType<typeof keptPosition> }) =>
  one.projector.waitFor(position, 20_000);

describe('read models', () => {
  it('hold every subject whose events can be applied, whatever else stands in the log', async () => {
    const server = await Process.start();
    const id = newId();
    await append(id, 'one');
    await append(`${id}-shape`, 7);
    await append(`${id}-shape`, 'behind it');
    await append(`${id}-nul`, 'a\u0000b');
    await append(`${id}-fold`, 'first');
    await append(`${id}-fold`, 'absurd');
    await append(`${id}-fold`, 'behind it');
    await append(id, 'anything', 'somebody-elses-event');
    expect(await waited(server, await append(id, 'two'))).toBe(true);
    expect(await server.row(id)).toEqual({ id, texts: ['one', 'two'], latest: 'two', revision: 2 });
    expect(await server.row(`${id}-fold`)).toMatchObject({ texts: ['first'] });
    const parked = await server.turns.allParked();
    const whose = parked.filter(({ stream }) => stream.includes(id));
    expect(whose.map(({ stream, revision }) => [stream.replace(id, ''), revision]).sort()).toEqual([
      ['note--fold', 1],
      ['note--nul', 0],
      ['note--shape', 0],
    ]);
    expect(whose.find(({ stream }) => stream.endsWith('fold'))?.reason).toContain('absurd');
  });

  it('go on behind an event that an operator has skipped, and behind one that was mended', async () => {
    const first = await Process.start();
    const id = newId();
    await append(id, 'one');
    const { event } = await append(id, 'absurd');
    expect(await waited(first, await append(id, 'two'))).toBe(true);
    expect((await first.row(id))?.texts).toEqual(['one']);
    first.skipped.add(event);
    await first.turns.askAgain();
    await until(async () => (await first.row(id))?.texts.length === 2);
    expect((await first.turns.allParked()).filter(({ stream }) => stream.endsWith(id))).toEqual([]);
  });

  it('of a new version are built beside the old ones, which serve until then', async () => {
    const old = await Process.start();
    const id = newId();
    expect(await waited(old, await append(id, 'one'))).toBe(true);
    await old.end();
    const next = new Process([notesOf(2, 'v2 ')]);
    await next.turns.prepare(async () => undefined);
    await next.projector.prepare();
    expect((await next.row(id))?.texts).toEqual(['one']);
    next.run(next.projector);
    await until(async () => (await next.row(id))?.texts[0] === 'v2 one');
    expect(await waited(next, await append(id, 'two'))).toBe(true);
    expect((await next.row(id))?.texts).toEqual(['v2 one', 'v2 two']);
  });

  it('of a newer version are left alone by an older one that starts beside it, and taken over once that is gone', async () => {
    const [older, newer] = [await Process.start([notesOf(1)]), await Process.start([notesOf(2, 'new ')])];
    const id = newId();
    const isShown = (texts: string[]) =>
      until(async () => String((await newer.row(id).catch(() => undefined))?.texts) === String(texts));
    await append(id, 'one');
    await isShown(['new one']);
    await older.projector.prepare();
    await expect(older.projector.rebuild(['notes'])).rejects.toThrow('A newer version of the program keeps');
    const last = await append(id, 'two');
    expect([await waited(newer, last), await waited(older, last)]).toEqual([true, true]);
    expect((await older.row(id))?.texts).toEqual(['new one', 'new two']);
    expect(await older.projector.status()).toMatchObject({ isCaughtUp: true });
    await processes.splice(processes.indexOf(newer), 1)[0]!.end();
    await until(async () => String((await older.row(id).catch(() => undefined))?.texts) === 'one,two');
    await append(id, 'three');
    await until(async () => String((await older.row(id))?.texts) === 'one,two,three');
  });

  it('do without what an operator has skipped, on whichever way it comes again', async () => {
    const server = await Process.start();
    const id = newId();
    await append(id, 'one');
    const { event } = await append(id, 'two');
    const last = await append(id, 'three');
    expect(await waited(server, last)).toBe(true);
    server.skipped.add(event);
    await server.projector.rebuild(['notes']);
    await until(async () => (await server.projector.beingRebuilt()).length === 0);
    expect((await server.row(id))?.texts).toEqual(['one', 'three']);
    const seen: unknown[] = [];
    const mine = async (events: Recorded[]) => {
      for (const { subject, data } of events) if (subject === id) seen.push((data as { text: string }).text);
    };
    server.run(
      new HandlingConsumer(
        { name: 'doing-without', types: ['Noted'], handle: mine },
        store,
        server.turns,
        server.skips,
      ),
    );
    await until(async () => seen.includes('three'));
    expect(seen).toEqual(['one', 'three']);
  });

  it('are rebuilt while commands come in, and nothing is missing afterwards', async () => {
    const server = await Process.start();
    const id = newId();
    await append(id, '0');
    await server.projector.rebuild(['notes']);
    let last = await append(id, '1');
    for (let n = 2; (await server.projector.beingRebuilt()).length > 0; n++) last = await append(id, String(n));
    expect(await waited(server, last)).toBe(true);
    const texts = (await server.row(id))!.texts;
    expect(texts).toEqual(texts.map((_, n) => String(n)));
  });

  describe('of which somebody drops a table', () => {
    const named = async (server: Process) => {
      const { rows } = await sql<{ serving: string; building: string | null }>`
        select serving, building from read_models where name = 'notes'`.execute(server.readStore.tables());
      return rows[0]!;
    };
    const drop = (server: Process, table: string) =>
      sql`drop table ${sql.table(table)} cascade`.execute(server.readStore.tables());
    const rebuilt = async (server: Process) => {
      await server.projector.rebuild(['notes']);
      await until(async () => (await server.projector.beingRebuilt()).length === 0);
    };
    const written = async () => {
      const server = await Process.start();
      const ids = Array.from({ length: 50 }, newId);
      for (const id of ids) await append(id, 'one');
      expect(await waited(server, await append(ids[0]!, 'two'))).toBe(true);
      return { server, ids };
    };
    /** Every subject that was written down has a row, and what is recorded next is in it. */
    const isWhole = async (server: Process, ids: string[]) => {
      expect(await waited(server, await append(ids[0]!, 'last'))).toBe(true);
      expect((await server.row(ids[0]!))?.texts).toEqual(['one', 'two', 'last']);
      for (const id of ids) expect((await server.row(id))?.texts[0]).toBe('one');
    };

    it('the one in use: it is made anew, and nothing is built beside it', async () => {
      const { server, ids } = await written();
      await drop(server, (await named(server)).serving);
      await server.projector.prepare();
      expect(await server.projector.beingRebuilt()).toEqual([]);
      await isWhole(server, ids);
    });

    it.each([
      ['a column of it', 'alter table notes_v1 drop column latest cascade'],
      ['its key', 'alter table notes_v1 drop constraint notes_v1_pkey'],
      ['the type of a column', 'drop view notes; alter table notes_v1 alter column revision type text'],
    ])('or %s: it is made anew whole', async (_what, statement) => {
      const { server, ids } = await written();
      await sql`${sql.raw(statement)}`.execute(server.readStore.tables());
      await server.projector.prepare();
      expect((await named(server)).serving).not.toBe('notes_v1');
      await isWhole(server, ids);
    });

    it.each([
      'alter table read_models drop column building',
      'alter table places drop constraint places_pkey',
      'alter table turns drop constraint turns_pkey',
      'alter table parked alter column tries type text',
    ])('or something of what is kept beside it (%s): that is made anew', async (statement) => {
      const { server, ids } = await written();
      await sql`${sql.raw(statement)}`.execute(server.readStore.tables());
      await server.turns.prepare(async () => undefined);
      await server.projector.prepare();
      await isWhole(server, ids);
    });

    it('or an index: it is made again', async () => {
      const indexed = readModel({ ...MEMOS, indexes: ['(text)'] });
      const server = await Process.start([indexed]);
      const drop = sql`drop index memos_v1_1_index`;
      await drop.execute(server.readStore.tables());
      await server.projector.prepare();
      await drop.execute(server.readStore.tables());
    });

    long('or empties it: it is filled anew from the log', async () => {
      const { server, ids } = await written();
      await append(newId(), 'absurd');
      await until(async () => (await server.turns.parkedBy('notes_v1')).length > 0);
      await server.turns.askAgain();
      // Whoever has seen to that has seen that it has rows.
      await until(async () => (await server.turns.wantedAgain('notes_v1')).length === 0);
      await sql`truncate notes_v1`.execute(server.readStore.tables());
      await until(async () => (await server.row(ids[49]!)) !== undefined);
      await isWhole(server, ids);
    });

    it('where a table of somebody else stands in its place: that is said, and left alone', async () => {
      const { server, ids } = await written();
      await sql`drop view notes; create table notes (id text)`.execute(server.readStore.tables());
      await expect(server.projector.assertWhole()).rejects.toMatchObject({
        cause: { message: "'notes' is not the view of a list, or it is not known of which table." },
      });
      await expect(server.projector.prepare()).rejects.toThrow('is not a view');
      await sql`drop table notes`.execute(server.readStore.tables());
      await server.projector.prepare();
      await isWhole(server, ids);
    });

    it('and the places with it: what the log does not have is in it no more', async () => {
      const { server, ids } = await written();
      await sql`insert into notes_v1 (id, texts, latest, revision) values ('foreign', '[]', 'x', 0)`.execute(
        server.readStore.tables(),
      );
      await sql`drop table parked`.execute(server.readStore.tables());
      await server.turns.prepare(async () => undefined);
      await isWhole(server, ids);
      expect(await server.row('foreign')).toBeUndefined();
    });

    it('or what is known of it: it is known again', async () => {
      const { server, ids } = await written();
      await sql`delete from read_models`.execute(server.readStore.tables());
      await expect(server.projector.assertWhole()).rejects.toThrow();
      await server.projector.prepare();
      await server.projector.assertWhole();
      await isWhole(server, ids);
    });

    long('the one in use, once it was rebuilt; and it is rebuilt once more', async () => {
      const { server, ids } = await written();
      await rebuilt(server);
      await drop(server, (await named(server)).serving);
      await server.projector.prepare();
      await rebuilt(server);
      await isWhole(server, ids);
    });

    long('the one that is being built: it is given up, and can be begun anew', async () => {
      const { server, ids } = await written();
      let wasDropped = false;
      await server.readStore.alone('read models', async () => {
        // While this lasts nothing is switched over.
        await sql`update read_models set building = 'notes_v1_2'`.execute(server.readStore.tables());
        await sql`create table notes_v1_2 (like notes_v1 including all)`.execute(server.readStore.tables());
        await until(async () => (await server.turns.allPlaces()).has('notes_v1_2'));
        await sql`drop table notes_v1_2`.execute(server.readStore.tables());
        wasDropped = true;
      });
      await server.projector.prepare();
      expect([wasDropped, await named(server)]).toEqual([true, { serving: 'notes_v1', building: null }]);
      await until(async () => (await server.projector.status()).building.length === 0);
      await rebuilt(server);
      await isWhole(server, ids);
    });
  });

  it('are written, and waited for, while somebody reads the one whose place another is to take', async () => {
    const server = await Process.start();
    const id = newId();
    expect(await waited(server, await append(id, '0'))).toBe(true);
    const numbers = [...Array(40).keys()].map(String);
    await server.readStore.transaction(async (reading) => {
      await sql`select count(*) from notes`.execute(reading);
      await server.projector.rebuild(['notes']);
      for (const number of numbers.slice(1)) {
        expect(await waited(server, await append(id, number))).toBe(true);
        expect((await server.row(id))?.texts.at(-1)).toBe(number);
      }
    });
    await until(async () => (await server.projector.beingRebuilt()).length === 0);
    expect((await server.row(id))?.texts).toEqual(numbers);
  });

  it('are rebuilt again while they are rebuilt: only the last table is ever taken into use', async () => {
    const server = await Process.start();
    const ids = Array.from({ length: 50 }, newId);
    for (const id of ids) await append(id, 'one');
    expect(await waited(server, await append(newId(), 'one'))).toBe(true);
    await Promise.all(Array.from({ length: 8 }, () => server.projector.rebuild(['notes'])));
    await until(async () => (await server.projector.beingRebuilt()).length === 0);
    expect(await waited(server, await append(newId(), 'one'))).toBe(true);
    for (const id of ids) expect((await server.row(id))?.texts).toEqual(['one']);
  });

  it('stay together when the database fails for a moment', async () => {
    const server = await Process.start([notes, memos]);
    expect(await waited(server, await append(newId(), 'one'))).toBe(true);
    await sql`create function fail() returns trigger language plpgsql as $$ begin raise exception sqlstate '57014'; end $$`.execute(
      server.readStore.tables(),
    );
    await sql`create trigger fails before insert on notes_v1 execute function fail()`.execute(
      server.readStore.tables(),
    );
    const id = newId();
    const last = await append(id, 'one');
    await until(async () => server.runner.status().some(({ state }) => state === 'backing-off'));
    expect((await server.projector.status()).building).toEqual([]);
    await sql`drop trigger fails on notes_v1`.execute(server.readStore.tables());
    expect(await waited(server, last)).toBe(true);
    expect((await server.row(id))?.texts).toEqual(['one']);
  });

  it('set aside what the database takes too long for, again and again: everything else goes on', async () => {
    const server = await Process.start([notes, memos]);
    const [endless, other] = [newId(), newId()];
    // As a statement ends that took longer than it may.
    await sql
      .raw(`create function take_too_long() returns trigger language plpgsql as $$ begin
        if new.id = '${endless}' then raise exception sqlstate '57014'; end if; return new; end $$`)
      .execute(server.readStore.tables());
    await sql`create trigger takes_too_long before insert on notes_v1 for each row execute function take_too_long()`.execute(
      server.readStore.tables(),
    );
    await append(endless, 'one');
    const last = await append(other, 'one');
    expect(await server.projector.waitFor(last.position, 60_000)).toBe(true);
    expect((await server.row(other))?.texts).toEqual(['one']);
    expect(await server.row(endless)).toBeUndefined();
    // Other notes of this log are set aside for reasons of their own.
    const parked = (await server.turns.parkedBy('notes_v1')).map(({ stream }) => stream);
    expect(parked).toContain(`note-${endless}`);
    expect(parked).not.toContain(`note-${other}`);
  }, 90_000);

  long(
    'go on though every connection falls silent, once nobody can be waiting for an answer any more',
    async () => {
      const line = await QuietLine.open(postgres.connectionString);
      try {
        const server = await Process.start([notes], line.connectionString);
        expect(await waited(server, await append(newId(), 'one'))).toBe(true);
        line.fallSilent();
        const { position } = await append(newId(), 'two');
        expect(await server.projector.waitFor(position, 90_000)).toBe(true);
      } finally {
        line.close();
      }
    },
    120_000,
  );

  it('are not in the way of who reads several of them in one transaction, when a server starts', async () => {
    const server = await Process.start([notes, memos]);
    expect(await waited(server, await append(newId(), 'one'))).toBe(true);
    await server.readStore.transaction(async (transaction) => {
      await sql`select from memos`.execute(transaction);
      await new Process([notes, memos]).projector.prepare();
      await sql`select from notes`.execute(transaction);
    });
  });

  it.each<[string, (position: bigint) => ReturnType<typeof keptPosition>]>([
    ['another log', (position) => keptPosition(String(position))],
    ['a log that was longer', (position) => keptPosition(String(position + 1_000_000n))],
  ])('of %s are not served: they are made anew, and go on', async (_, placed) => {
    const server = await Process.start();
    const id = newId();
    expect(await waited(server, await append(id, 'one'))).toBe(true);
    const { position } = (await server.turns.placesOf(['notes_v1'])).get('notes_v1')!;
    await server.end();
    const other = new Process();
    await other.turns.settle('notes_v1', { position: placed(position), event: newId() });
    await sql`insert into notes_v1 (id, texts, latest, revision, folded) values ('stranger', '[]', '', 0, '[]')`.execute(
      other.readStore.tables(),
    );
    other.run(other.projector);
    await other.projector.caughtUp(other.stop.signal);
    expect(await other.row('stranger')).toBeUndefined();
    expect(other.troubles[0]).toContain('another log');
    expect((await other.row(id))?.texts).toEqual(['one']);
    expect(await waited(other, await append(id, 'two'))).toBe(true);
    expect((await other.row(id))?.texts).toEqual(['one', 'two']);
  });

  it('keep on record what was set aside, whatever another table made of the same part of the log', async () => {
    const server = new Process([notes, memos]);
    const id = newId();
    await append(id, 'one');
    await append(id, 7);
    await append(id, 'behind it', 'memo.jotted.v1');
    await append(`${id}-nul`, 'a\u0000b', 'memo.jotted.v1');
    const last = await append(id, 'behind it');
    await server.turns.prepare(async () => undefined);
    await server.projector.prepare();
    server.run(server.projector);
    expect(await waited(server, last)).toBe(true);
    const parked = (await server.turns.allParked()).filter(({ stream }) => stream.includes(id));
    expect(parked.map(({ stream, revision }) => [stream, revision]).sort()).toEqual([
      [`memo-${id}-nul`, 0],
      [`note-${id}`, 1],
    ]);
    expect((await server.row(id))?.texts).toEqual(['one']);
  });

  it('are made beside those in use, as for a comparison, without touching anything of theirs', async () => {
    const server = await Process.start();
    expect(await waited(server, await append(newId(), 'one'))).toBe(true);
    await server.turns.settle('outward', (await server.turns.allPlaces()).get('notes_v1'));
    await processes.splice(processes.indexOf(server), 1)[0]!.end();
    const { readStore, feed, skips } = new Process();
    const inUse = async () => {
      const tables = ['places', 'parked', 'read_models', 'notes_v1', 'notes'].map(
        (name) => sql`(select json_agg(t order by t::text) from ${sql.table(`public.${name}`)} t) as ${sql.ref(name)}`,
      );
      const turns = sql`(select count(*) from public.turns) as turns`;
      return (await sql`select ${sql.join([...tables, turns])}`.execute(readStore.tables())).rows;
    };
    const before = await inUse();
    const beside = await readStore.beside('compared');
    const turns = new Turns(beside);
    try {
      await turns.prepare(async () => undefined);
      await new Projector([notes], { readStore: beside, turns, feed, skips, store }).prepare();
      await sql`drop table compared.notes_v1 cascade`.execute(readStore.tables());
      await new Projector([notes], { readStore: beside, turns, feed, skips, store }).prepare();
    } finally {
      await turns.close();
      await beside.close();
      await readStore.drop('compared');
    }
    expect(await inUse()).toEqual(before);
  });

  it('keep the order of each subject, however many are set aside', async () => {
    const server = new Process();
    await server.turns.prepare(async () => undefined);
    await server.projector.prepare();
    const id = newId();
    await append(id, 'one');
    const { event } = await append(id, 'absurd');
    await append(id, 'three');
    // As where a release that knew more was taken back.
    await sql`insert into parked (consumer, stream, event, type, revision, position, reason, since, tries)
      select 'notes_v1', 'note-' || n, 'e' || n, 'noted', 0, 0, 'unknown', now() - interval '1 day', 1
      from generate_series(1, 12000) n`.execute(server.readStore.tables());
    server.run(server.projector);
    await until(async () => (await server.turns.parkedBy('notes_v1')).some((one) => one.event === event));
    await server.end();
    processes.splice(processes.indexOf(server), 1);
    const next = await Process.start();
    expect(await waited(next, await append(newId(), 'later'))).toBe(true);
    expect((await next.row(id))?.texts).toEqual(['one']);
  });

  it('bear events that have one id in two streams', async () => {
    const server = new Process([entries]);
    const [id, event] = [newId(), newId()];
    await append(id, 'one', 'note.noted.v1', event);
    const last = await append(`${id}-other`, 'one', 'note.noted.v1', event);
    await server.turns.prepare(async () => undefined);
    await server.projector.prepare();
    server.run(server.projector);
    expect(await waited(server, last)).toBe(true);
  });

  it('say in a process that does not make them how far they have come in the one that does', async () => {
    const [one, other] = [await Process.start(), await Process.start()];
    const last = await append(newId(), 'one');
    expect([await waited(one, last), await waited(other, last)]).toEqual([true, true]);
    await until(async () => (await one.projector.status()).isCaughtUp && (await other.projector.status()).isCaughtUp);
  });

  it('are tried again on request though another follower has left', async () => {
    const server = await Process.start();
    const leaving = new AbortController();
    const left = server.runner.run(
      new HandlingConsumer(
        { name: 'leaving', types: ['Noted'], handle: async () => {} },
        store,
        server.turns,
        server.skips,
      ),
      leaving.signal,
    );
    const id = newId();
    const { event } = await append(id, 'absurd');
    expect(await waited(server, await append(newId(), 'one'))).toBe(true);
    leaving.abort();
    await left;
    expect(server.runner.status().map(({ name }) => name)).not.toContain('leaving');
    server.skipped.add(event);
    await server.turns.askAgain();
    await until(async () => (await server.turns.allParked()).every(({ stream }) => !stream.endsWith(id)));
  });
});

describe('a turn', () => {
  it('that was lost writes nothing any more, and the next one goes on where it was', async () => {
    const [one, two] = [await Process.start(), await Process.start()];
    const id = newId();
    let last = await append(id, '0');
    for (let n = 1; n <= 50; n++) {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`
        .execute(one.readStore.tables())
        .catch(() => {});
      last = await append(id, String(n));
    }
    await until(async () => (await waited(one, last)) || (await waited(two, last)));
    expect((await one.row(id))!.texts).toEqual(Array.from({ length: 51 }, (_, n) => String(n)));
  });

  it('is kept beside what is in use as well, for longer than its time-out', async () => {
    const server = await Process.start();
    const beside = await server.readStore.beside('apart');
    const turns = new Turns(beside, { timeoutMilliseconds: 300 });
    try {
      await turns.prepare(async () => undefined);
      const seen = new Set<string>();
      await turns.inTurn(
        'long',
        async (turn) => {
          turn.progress();
          await until(async () => {
            const { rows } = await sql<{ until: Date }>`select until from apart.turns`.execute(beside.tables());
            seen.add(rows[0]!.until.toISOString());
            return seen.size > 5 || turn.signal.aborted;
          });
          expect(turn.signal.aborted).toBe(false);
        },
        server.stop.signal,
      );
    } finally {
      await turns.close();
      await beside.close();
      await server.readStore.drop('apart');
    }
  });

  it('moves a checkpoint only from where it is', async () => {
    const server = await Process.start();
    const [a, b] = [await append(newId(), 'a'), await append(newId(), 'b')];
    await server.turns.inTurn(
      'own',
      async (turn) => {
        await server.turns.moveOn(turn, undefined, a);
        await expect(server.turns.moveOn(turn, undefined, b)).rejects.toBeInstanceOf(TurnLost);
        await expect(server.turns.moveOn({ ...turn, epoch: turn.epoch - 1n }, a, b)).rejects.toBeInstanceOf(TurnLost);
        await server.turns.moveOn(turn, a, b);
      },
      server.stop.signal,
    );
    expect(await server.turns.placeOf('own')).toEqual(b);
  });

  it('that is lost again and again before anything has come of it is told', async () => {
    const server = await Process.start();
    server.run({
      name: 'luckless',
      runs: 'once',
      begin: async () => undefined,
      take: async (_batch, { name }) => {
        throw new TurnLost(name);
      },
    });
    await until(async () => server.troubles.some((reason) => reason.includes("The turn at 'luckless' is lost")));
  });

  it('writes down no place that is forgotten in the same moment', async () => {
    const server = await Process.start();
    const [a, b] = [await append(newId(), 'a'), await append(newId(), 'b')];
    await server.turns.inTurn(
      'forgotten',
      async (turn) => {
        await server.turns.moveOn(turn, undefined, a);
        let moved: Promise<void> | undefined;
        await server.readStore.transaction(async (transaction) => {
          await server.turns.forget('forgotten', transaction);
          moved = server.turns.moveOn(turn, a, b);
          moved.catch(() => {});
          await until(async () => {
            const { rows } = await sql`select 1 from pg_locks where not granted`.execute(server.readStore.tables());
            return rows.length > 0;
          });
        });
        await expect(moved).rejects.toBeInstanceOf(TurnLost);
      },
      server.stop.signal,
    );
    expect(await server.turns.placeOf('forgotten')).toBeUndefined();
  });
});

describe('a handler', () => {
  const recording = (server: Process, handle: (events: Recorded[]) => Promise<void>) =>
    new HandlingConsumer(
      { name: 'recording', types: ['Noted'], isOutward: true, handle },
      store,
      server.turns,
      server.skips,
    );

  it('is handed every event but those of a subject that it cannot bear, in order', async () => {
    const server = await Process.start();
    const [good, bad] = [newId(), newId()];
    const seen: string[] = [];
    server.run(
      recording(server, async (events) => {
        const refused = events.find(({ data }) => (data as { text: string }).text === 'no');
        if (refused) throw new TypeError('cannot be borne');
        for (const { subject, data } of events) if (subject === good) seen.push((data as { text: string }).text);
      }),
    );
    await append(good, '1');
    await append(bad, 'no');
    await append(bad, 'behind it');
    await append(good, '2');
    await until(async () => seen.includes('2'));
    expect([...new Set(seen)]).toEqual(['1', '2']);
    const parked = (await server.turns.parkedBy('recording')).find(({ stream }) => stream === `note-${bad}`);
    expect(parked).toMatchObject({ revision: 0, reason: 'cannot be borne', tries: 1 });
  });

  it('whose work leaves the house stops upon another log until somebody has decided', async () => {
    const server = await Process.start();
    const subject = newId();
    const place = await append(subject, 'x');
    await server.turns.settle('recording', { ...place, event: newId() });
    await server.turns.inTurn(
      'recording',
      (turn) =>
        server.turns.park(
          {
            ...{ consumer: 'recording', stream: `note-${subject}`, event: place.event, type: 'Noted', revision: 0 },
            ...{ position: place.position, reason: 'was set aside', since: '2026-03-02T09:00:00Z', tries: 1 },
          },
          turn,
        ),
      server.stop.signal,
    );
    const seen: Recorded[] = [];
    server.run(
      recording(server, async (events) => {
        seen.push(...events);
      }),
    );
    await until(async () =>
      server.runner.status().some(({ name, state }) => name === 'recording' && state === 'halted'),
    );
    expect(seen).toEqual([]);
    await server.turns.settle('recording', place);
    const { event } = await append(newId(), 'y');
    await until(async () => seen.some(({ id }) => id === event));
  });
});
