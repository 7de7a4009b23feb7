import { readFileSync } from 'node:fs';
import { LongestStall } from '#workers';
import { type ApiUser, AUDITOR, eventually, OFFICER, Paraphe } from './support/paraphe.js';
import { sampleOf } from './support/sample.js';

let paraphe: Paraphe;
let officer: ApiUser;
let auditor: ApiUser;
beforeAll(async () => {
  paraphe = await Paraphe.start();
  officer = await paraphe.as(OFFICER);
  auditor = await paraphe.as(AUDITOR);
});
afterAll(() => paraphe.remove());

/** The longest stall that everything may come to, in seconds. */
const MOST = 0.2;

/** Measures of the server; what it says of stalls is since it was asked last. */
async function measures(): Promise<Record<string, number>> {
  const text = await (await fetch(`${paraphe.url}/metrics`)).text();
  return Object.fromEntries(
    [...text.matchAll(/^paraphe_(\w+) (\S+)$/gm)].map(([, name, value]) => [name!, Number(value)]),
  );
}

const stock = readFileSync('libs/lifecycle/stock/treaty.yaml', 'utf8');
const keys = (count: number) => Array.from({ length: count }, (_, at) => `k${at}: 1\n`).join('');
const rows = Array.from({ length: 20_000 }, (_, at) => `ref-${at};An agreement;2018-03-15;Senegal\n`).join('');

/** What costs much, or is meant to; each with the statuses that are an answer to it. */
const hostile: Record<string, () => Promise<{ status: number }>> = {
  'half a megabyte of keys': () => officer.post('lifecycles/check', keys(50_000)),
  'brackets without end': () => officer.post('lifecycles/check', '['.repeat(300_000)),
  'a definition tried on everything': () => officer.post('lifecycles/what-if', stock),
  'a policy of keys': () => officer.post('reminder-policies/check', keys(20_000)),
  'a portfolio of nonsense': () => officer.post('imports?dryRun=true', `format: portfolio/1\n${keys(50_000)}`),
  'everything as a PDF': () => fetched(auditor, 'audit/events/export?format=pdf'),
  'everything as OCEL': () => fetched(officer, 'process-mining/ocel.json'),
  'everything as XES': () => fetched(officer, 'process-mining/log.xes'),
  'everything as it was': () => officer.get('agreements?asOf=2026-11-25&limit=200'),
  'a sheet of many rows': () => sent(officer, `Reference;Title;Signed;Partner\n${rows}`),
  'wide JSON': () => officer.send('POST', 'agreements', { id: 'x', title: Array(200_000).fill({}) }, {}),
  'deep JSON': () => raw(officer, `{"id":${'['.repeat(500_000)}${']'.repeat(500_000)}}`),
  'ladders without end': () =>
    officer.post(
      'reminder-policies/dry-run',
      JSON.stringify({
        ...{ id: 'endless', labels: { fr: 'x', en: 'x', ar: 'x' } },
        rules: Array.from({ length: 150 }, (_, n) => ({
          ...{ id: `r${n}`, subject: 'agreement', on: 'idle', repeat: { every: { days: 1 } } },
          at: Array.from({ length: 50 }, (_, day) => ({ after: { workingDays: day + 1 } })),
          to: Array.from({ length: 20 }, (_, group) => `group:g${group}`),
        })),
      }),
    ),
  'marks without end': () =>
    officer.post('agreements/sn-migration/notes', { text: `a${'\u0315\u0316'.repeat(200_000)}` }),
  'blanks without end': () =>
    officer.post('organisations', { id: 'x', name: `x${' '.repeat(500_000)}x`, kind: 'state' }),
  'a milestone on the ninety-ninth day': async () => {
    await officer.post('projects/mbi/milestones', {
      ...{ milestone: 'by-position', title: 'x', plannedFor: '1930-01-01/2999' },
      recurrence: { rule: 'FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=99;COUNT=1000', words: 'x' },
    });
    return officer.get('agenda');
  },
  'a milestone each second': () =>
    officer.post('projects/mbi/milestones', {
      milestone: 'sec',
      title: 'x',
      plannedFor: '1990/2030',
      recurrence: { rule: 'FREQ=SECONDLY', words: 'x' },
    }),
};

const fetched = async (user: ApiUser, path: string, signal?: AbortSignal) => {
  const response = await fetch(`${user.url}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${user.token}` },
    ...(signal && { signal }),
  });
  return { status: response.status, bytes: (await response.arrayBuffer()).byteLength };
};
const posted = (user: ApiUser, path: string, type: string, body: string) =>
  fetch(`${user.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}`, 'content-type': type },
    body,
  });
const sent = (user: ApiUser, sheet: string) => posted(user, 'uploads?name=x.csv', 'application/octet-stream', sheet);
const raw = (user: ApiUser, body: string) => posted(user, 'agreements', 'application/json', body);

/** Gives everything at once (of it, `npm test` gives a quarter), with ordinary requests all the while. */
async function everything(): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  let isOver = false;
  const ordinary = (async () => {
    while (!isOver) expect((await officer.get('agreements?limit=20')).status).toBe(200);
  })();
  await Promise.all(
    sampleOf(Object.entries(hostile), 4).map(async ([name, give]) => {
      statuses[name] = (await give()).status;
    }),
  );
  isOver = true;
  await ordinary;
  return statuses;
}

describe('whatever is asked of the server', () => {
  it('is answered, and the event loop stalls for 200 ms at most', async () => {
    // Code is compiled when it runs first, which is not what is measured here.
    await everything();
    const ours = new LongestStall();
    await measures();
    const statuses = await everything();
    const { event_loop_longest_stall_seconds: longest } = await measures();
    for (const [name, status] of Object.entries(statuses)) expect([name, status < 500]).toEqual([name, true]);
    // A machine that is busy elsewhere keeps an idle loop waiting too: ours is measured in the same way at the same time.
    expect(longest).toBeLessThanOrEqual(MOST + ours.read().longest / 1_000);
  }, 300_000);

  it('leaves no work behind when its client leaves', async () => {
    const client = new AbortController();
    const answers = Array.from({ length: 4 }, () =>
      fetched(auditor, 'audit/events/export?format=pdf', client.signal).catch(() => 'left'),
    );
    await eventually(measures, ({ workers_at_work: atWork }) => atWork! > 0);
    client.abort();
    expect(await Promise.all(answers)).toEqual(['left', 'left', 'left', 'left']);
    await eventually(measures, ({ workers_at_work: atWork }) => atWork === 0);
  });
});
