import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EventStoreDBClient } from '@eventstore/db-client';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { ADMIN, type ApiUser, eventually, Paraphe } from '../support/paraphe.js';

const ROWS = Number(process.env.BENCH_ROWS ?? 100_000);
const LONG_MS = 600_000;
/** Reminders of what was imported are worked out for minutes afterwards: what is measured then is measured without. */
const WITHOUT_REMINDERS = { PARAPHE_ROLES: 'api,projections' };

const say = (what: string, figure: string) => console.log(`${what.padEnd(60)} ${figure}`);

/** Sheets in and out, over HTTP, of a server in a process of its own. */
export async function benchEdges(): Promise<void> {
  console.log('\nEdges');
  const paraphe = await Paraphe.start({ PARAPHE_SAMPLE: 'false' });
  try {
    const admin = await paraphe.as(ADMIN);
    await admin.post('organisations', { id: 'ma', name: 'Royaume du Maroc', kind: 'state', country: 'MA' });
    await admin.post('organisations', { id: 'sn', name: 'République du Sénégal', kind: 'state', country: 'SN' });
    await sheets(paraphe, admin);
    // The import's own memory is not that of an export.
    await paraphe.stop();
    await paraphe.start(WITHOUT_REMINDERS);
    // What follows the log has caught up, and what that took is given back.
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    await exportsOf(paraphe, await paraphe.as(ADMIN));
    await paraphe.stop();
    const { events, perSecond } = await rawReading(paraphe.folder);
    say('the log, read by the bare client', `${Math.round(perSecond)}/s`);
    await paraphe.start(WITHOUT_REMINDERS);
    await changes(paraphe, await paraphe.as(ADMIN), events, perSecond);
  } finally {
    await paraphe.remove();
  }
}

async function sheets(paraphe: Paraphe, admin: ApiUser): Promise<void> {
  const lines = ['Référence;Intitulé;Type;Parties;Étape;Depuis'];
  for (let n = 0; n < ROWS; n++)
    lines.push(
      `acc-${n};Convention de coopération n° ${n};Accord de coopération;"Maroc; Sénégal";En négociation;${1 + (n % 28)}/03/2018`,
    );
  const { id, proposals } = (await sent(paraphe, admin, lines.join('\n'))) as {
    id: string;
    proposals: { kind: string; columns: object }[];
  };
  await timed(`${ROWS} rows looked through`, ROWS, async () => {
    await admin.post(`uploads/${id}/check`, { kind: 'agreements', columns: proposals[0]!.columns as never });
    const { outcome } = await settled(admin, id);
    if (outcome.counts.new !== ROWS) throw new Error(JSON.stringify(outcome.counts));
  });
  await timed(`${ROWS} rows imported, until every list has them`, ROWS, async () => {
    await admin.post(`uploads/${id}/import`, { confirmDates: true });
    const start = performance.now();
    const { outcome } = await settled(admin, id);
    if (outcome.counts.new !== ROWS) throw new Error(JSON.stringify(outcome.counts));
    say('  of that, until the log has them', `${((performance.now() - start) / 1_000).toFixed(1)} s`);
    await eventually(
      () => admin.get(`agreements?limit=1&after=${outcome.position}`),
      ({ status }) => status === 200,
      LONG_MS,
    );
  });
  say('  memory of the server after the import, most', `${memory(paraphe).most} MB`);
}

async function exportsOf(paraphe: Paraphe, admin: ApiUser): Promise<void> {
  for (const path of [
    'sheets/agreements?format=csv',
    'sheets/agreements?format=xlsx',
    'agreements/export?format=csv',
    'agreements/export?format=xlsx',
  ]) {
    const before = memory(paraphe);
    await timed(`${path}, ${ROWS} agreements`, ROWS, () => received(paraphe, admin, path));
    say('  memory of the server: before, most', `${before.now} MB, ${memory(paraphe).most} MB`);
  }
}

/** How fast the official client alone reads the whole log. */
async function rawReading(folder: string): Promise<{ events: number; perSecond: number }> {
  const store = await startEmbeddedEventStore({ folder: join(folder, 'events') });
  const client = new EventStoreDBClient({ endpoint: store.endpoint }, { insecure: true });
  try {
    const start = performance.now();
    let events = 0;
    for await (const { event } of client.readAll()) if (event && !event.type.startsWith('$')) events++;
    return { events, perSecond: events / ((performance.now() - start) / 1_000) };
  } finally {
    void client.dispose();
    await store.close();
  }
}

/** How fast changes come over HTTP, from the beginning of the log. */
async function changes({ url }: Paraphe, { token }: ApiUser, events: number, bare: number): Promise<void> {
  const stopping = new AbortController();
  const response = await fetch(`${url}/api/v1/feed?after=0`, {
    headers: { authorization: `Bearer ${token}` },
    signal: stopping.signal,
  });
  const start = performance.now();
  let count = 0;
  let perSecond = 0;
  // The system's own notes are not told: what is counted is less than the log holds.
  const most = events * 0.95;
  for await (const piece of response.body!) {
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) count++;
    // Three lines each: the id, the data, an empty one.
    perSecond = count / 3 / ((performance.now() - start) / 1_000);
    if (count / 3 >= most) break;
  }
  stopping.abort();
  say(
    'the change feed over HTTP, CloudEvents',
    `${Math.round(perSecond)}/s = ${(perSecond / bare).toFixed(2)} of the bare client`,
  );
}

async function timed(what: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1_000;
  say(what, `${seconds.toFixed(1)} s   ${Math.round(count / seconds)}/s`);
}

async function sent({ url }: Paraphe, { token }: ApiUser, content: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
  return (await fetch(`${url}/api/v1/uploads?name=bench.csv`, { method: 'POST', headers, body: content })).json();
}

const settled = async (admin: ApiUser, id: string) =>
  (
    await eventually(
      () => pausing(() => admin.get(`uploads/${id}`)),
      ({ body }) => !/ing$/.test(body.state),
      LONG_MS,
    )
  ).body;

async function pausing<Result>(work: () => Promise<Result>): Promise<Result> {
  await new Promise((resolve) => setTimeout(resolve, 250));
  return work();
}

async function received({ url }: Paraphe, { token }: ApiUser, path: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  let size = 0;
  for await (const piece of response.body!) size += (piece as Uint8Array).length;
  if (response.status !== 200 || size < ROWS * 20) throw new Error(`${path}: ${response.status}, ${size} bytes`);
  return size;
}

/** The resident memory of the server's own process, in MB. */
function memory({ pid }: Paraphe): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1_024);
  return { now: of('VmRSS'), most: of('VmHWM') };
}
