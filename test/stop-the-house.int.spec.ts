import { ADMIN, type ApiUser, OFFICER, Paraphe } from './support/paraphe.js';

// Requests each of which once stopped the server, the lists or the reminders for everybody. The fuzzer looks for more of their kinds.

let paraphe: Paraphe;
let officer: ApiUser;

beforeAll(async () => {
  paraphe = await Paraphe.start();
  officer = await paraphe.as(OFFICER);
  const parties = [{ organisation: 'ma' }, { organisation: 'be' }];
  const facts = { title: 'A convention', type: 'specific-convention', parties, effectiveOn: '2026-01-10' };
  expect((await officer.post('agreements', { id: 'some', stage: 'awaiting-signature', ...facts })).status).toBe(201);
});
afterAll(() => paraphe.remove());

/** Somebody else works as always: he gives a command, and sees it in the lists and in the history. */
afterEach(async () => {
  const { status, body } = await officer.post('agreements/sn-migration/notes', { text: 'As always' });
  expect(status).toBe(201);
  expect((await officer.get(`agreements?limit=1&after=${body.position}`)).status).toBe(200);
  const ready = await fetch(`${paraphe.url}/health/ready`);
  expect(await ready.json()).toMatchObject({ status: 'ready', problems: [], warnings: [] });
  const administrator = await paraphe.as(ADMIN);
  const consumers: { parked: unknown[] }[] = (await administrator.get('consumers')).body.items;
  expect(consumers.flatMap(({ parked }) => parked)).toEqual([]);
});

const FAR = ['-0044-03-15', '0000-01-01', '9999-12-31', '+275760-09-13', '2026-02-30', 'Y170000002'];
const DATED: [string, string, object][] = [
  ['a signature', 'agreements/some/signatures', { slot: 'ma' }],
  ['a milestone', 'projects/mbi/milestones', { milestone: 'far', title: 'Far away' }],
  ['a start', 'projects/mbi/start', {}],
];
const FIELDS = ['signedOn', 'plannedFor', 'startedOn'];

describe('a date that no calendar of the house holds', () => {
  it.each(
    DATED.flatMap(([what, path, body], index) => FAR.map((date) => ({ what, path, body, date, index }))),
  )('$date is refused for $what, with the field', async ({ path, body, date, index }) => {
    const field = FIELDS[index]!;
    const answer = await officer.post(path, { ...body, [field]: date });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field }] } });
    expect(await officer.post(path, { ...body, [field]: '2026-01-11', effectiveOn: date })).toMatchObject({
      status: 422,
    });
  });
});

it.each([
  'a\u0000b',
  'a\u0007b',
  'half an emoji \ud83d',
])('a text with what no table holds is refused: %j', async (text) => {
  expect(await officer.post('agreements/sn-migration/notes', { text })).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'text', rule: 'characters' }] },
  });
});

it('a sign-in with such a key is refused, without an account', async () => {
  const response = await fetch(`${paraphe.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'a@b.test', password: 'x', 'k\u0000': 1 }),
  });
  expect(response.status).toBe(422);
});

it('what a project’s status forbids is refused, and the status does not become the answer’s', async () => {
  expect(await officer.post('projects/medma-2/start', { startedOn: '2024-01-01' })).toMatchObject({
    status: 409,
    body: { status: 409, code: 'PROJECT.STATUS_FORBIDS' },
  });
});

it('a recurrence each second is refused, with those that are allowed', async () => {
  const recurrence = { rule: 'FREQ=SECONDLY', words: 'each second' };
  const milestone = { milestone: 'often', title: 'Often', plannedFor: '1990/2030', recurrence };
  expect(await officer.post('projects/mbi/milestones', milestone)).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'recurrence.rule' }] },
  });
});

it('a key that was used for another command is refused, and the other command is not taken for done', async () => {
  const key = { 'idempotency-key': 'one-key' };
  const first = await officer.post('agreements/some/signatures', { slot: 'ma', signedOn: '2026-03-15' }, key);
  expect(first.status).toBe(201);
  expect(await officer.post('agreements/some/signatures', { slot: 'be', signedOn: '2026-03-17' }, key)).toMatchObject({
    status: 422,
    body: { code: 'IDEMPOTENCY_KEY_REUSED' },
  });
  const again = await officer.post('agreements/some/signatures', { slot: 'ma', signedOn: '2026-03-15' }, key);
  expect(again).toMatchObject({ status: 201, body: first.body });
});

it.each([5, 99_999_999_999])('a position %d that never was is refused at once', async (after) => {
  expect(await officer.get(`changes?after=${after}`)).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'after' }] },
  });
});
