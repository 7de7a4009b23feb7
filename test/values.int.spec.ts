import { ADMIN, type ApiUser, OFFICER, Paraphe } from './support/paraphe.js';

let paraphe: Paraphe;
let officer: ApiUser;
let admin: ApiUser;

interface Problem {
  errors?: { field: string; rule: string; message: string; line?: number }[];
}
const defects = (body: unknown) => (body as Problem).errors ?? [];

beforeAll(async () => {
  paraphe = await Paraphe.start();
  [officer, admin] = await Promise.all([paraphe.as(OFFICER), paraphe.as(ADMIN)]);
});
afterAll(() => paraphe.remove());

const parties = [{ organisation: 'ma' }, { organisation: 'be' }];
const NUL = 'a\u0000b';

/** Adds a note, and asks a list to wait for it: what stands still does not answer. */
async function expectThatListsGoOn(): Promise<void> {
  const { body } = await officer.post('agreements/sn-migration/notes', { text: 'canary' });
  expect(
    (await officer.get(`agreements?limit=1&after=${(body as unknown as { position: string }).position}`)).status,
  ).toBe(200);
}

describe('a value that no store or calendar can bear is refused with its field and rule, and nothing else waits', () => {
  it.each<[string, string, Record<string, unknown>, string, string]>([
    ['a NUL in a note', 'agreements/sn-migration/notes', { text: NUL }, 'text', 'characters'],
    ['half an emoji', 'agreements/sn-migration/notes', { text: 'half an emoji \ud83d' }, 'text', 'characters'],
    ['a title of blanks', 'agreements', { title: ' \n ', type: 'treaty', parties }, 'title', 'empty'],
    [
      'a milestone that has no date',
      'projects/mbi/milestones',
      { milestone: 'm9', title: 'x', plannedFor: '9999-12-31' },
      'plannedFor',
      'date-range',
    ],
    [
      'a milestone of every second',
      'projects/mbi/milestones',
      { milestone: 'sec', title: 'x', plannedFor: '1990/2030', recurrence: { rule: 'FREQ=SECONDLY', words: 'x' } },
      'recurrence.rule',
      'recurrence',
    ],
    [
      'a recurrence without an end',
      'projects/mbi/milestones',
      {
        milestone: 'ever',
        title: 'x',
        plannedFor: '2026/..',
        recurrence: { rule: 'FREQ=YEARLY;BYMONTH=12', words: 'x' },
      },
      'recurrence.rule',
      'recurrence',
    ],
    ['an amount of nobody knows what', 'projects/mbi/funding', { by: 'giz', amount: '5' }, 'currency', 'currency'],
    [
      'a fraction of a cent',
      'projects/mbi/funding',
      { by: 'giz', amount: '1.234', currency: 'EUR' },
      'amount',
      'amount',
    ],
  ])('%s', async (_, path, body, field, rule) => {
    const answer = await officer.post(path, body);
    expect([answer.status, defects(answer.body).map((one) => [one.field, one.rule])]).toEqual([422, [[field, rule]]]);
    await expectThatListsGoOn();
  });

  it.each(['-0044-03-15', '0000-01-01', '0001-01-01'])('a signature on %s', async (day) => {
    const id = `bc${day}`;
    const draft = { id, title: 'x', type: 'specific-convention', parties, stage: 'awaiting-signature' };
    expect((await officer.post('agreements', { ...draft, effectiveOn: '2026-01-10' })).status).toBe(201);
    const signature = await officer.post(`agreements/${id}/signatures`, { slot: 'ma', signedOn: day });
    expect([signature.status, defects(signature.body)[0]?.field]).toEqual([422, 'signedOn']);
    const registered = await officer.post('agreements', { ...draft, id: `${id}-2`, effectiveOn: day });
    expect([registered.status, defects(registered.body)[0]?.field]).toEqual([422, 'effectiveOn']);
    await expectThatListsGoOn();
  });
});

describe('what stands in an address is checked like what stands in a body', () => {
  it.each([
    'agreements?q=%00',
    'projects?q=a%00b',
    'organisations?q=%00',
    'agreements?party=%00',
    'agreements?country=ZZ',
    'agreements/%00',
    'agreements/a%00b/history',
    'projects/%00',
    'meetings/%00',
    'calendars/ZZ',
  ])('%s', async (path) => {
    const { status, body } = await admin.get(path);
    expect([path, status]).toEqual([path, 422]);
    expect(defects(body)[0]?.field).not.toBe('(body)');
  });
});

describe('a portfolio file is refused with line and rule', () => {
  const file = (since: string, title: string) => `format: portfolio/1
source: { id: lab, document: "x", asOf: 2026-01, language: fr }
organisations:
  - { id: zz, name: "Repu\\u0301blique d'essai", kind: state, country: SN }
agreements:
  - { id: imp1, title: "${title}", type: treaty, parties: [ma, zz], stage: awaiting-signature, since: "${since}" }
`;
  it.each([
    ['-0044-03-15', 'Accord import', 'agreements.0.since', 'date-range'],
    ['2024-02', 'Accord \\0 import', 'agreements.0.title', 'characters'],
  ])('%s, %s', async (since, title, field, rule) => {
    const { status, body } = await admin.send<Problem>('POST', 'imports', file(since, title), {
      'content-type': 'application/yaml',
    });
    expect([status, defects(body).map((one) => [one.line, one.field, one.rule])]).toEqual([422, [[6, field, rule]]]);
  });
});
