import ICAL from 'ical.js';
import { ADMIN, APPROVER, type ApiUser, eventually, OFFICER, Paraphe, READER } from './support/paraphe.js';

let paraphe: Paraphe;
let admin: ApiUser;
let officer: ApiUser;
let approver: ApiUser;
let reader: ApiUser;

const put = (user: ApiUser, path: string, body: Record<string, unknown> | string) =>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  user.send<any>('PUT', path, body, {});
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
const remove = (user: ApiUser, path: string) => user.send<any>('DELETE', path, undefined, {});

interface Reminder {
  id: string;
  state: string;
  dueAt: string;
  rule: string;
  sentence: { fr: string };
  recipient: { id: string; name: string };
  subject: { id: string; title: string };
  message?: string;
}

/** What the clock in Rabat says at an instant. */
const inMorocco = (instant: string): string =>
  new Date(instant).toLocaleString('fr-FR', { timeZone: 'Africa/Casablanca', dateStyle: 'short', timeStyle: 'short' });

/** Drafts an agreement that awaits signature since a day. */
async function draft(id: string, effectiveOn: string, more: object = {}): Promise<void> {
  const parties = [{ organisation: 'ma' }, { organisation: 'sn' }];
  const facts = { title: id, type: 'protocol', parties, owner: 'demo-officer', effectiveOn, ...more };
  const { status } = await officer.post('agreements', { id, stage: 'awaiting-signature', ...facts });
  expect(status).toBe(201);
}

const reminders = async (filter: string): Promise<Reminder[]> =>
  (await officer.get(`reminders?limit=200&${filter}`)).body.items;
const next = async (id: string, recipient = 'demo-officer'): Promise<Reminder | undefined> =>
  (await reminders(`agreement=${id}&state=scheduled&recipient=${recipient}`))[0];
const nextOnce = (id: string, satisfies: (one: Reminder | undefined) => boolean, recipient?: string) =>
  eventually(() => next(id, recipient), satisfies);

beforeAll(async () => {
  paraphe = await Paraphe.start();
  [admin, officer, approver, reader] = (await Promise.all(
    [ADMIN, OFFICER, APPROVER, READER].map((user) => paraphe.as(user)),
  )) as [ApiUser, ApiUser, ApiUser, ApiUser];
});
afterAll(() => paraphe.remove());

describe('a reminder that is not wanted now', () => {
  it('is snoozed with a reason, and comes on that morning; not for longer than is allowed, and not by readers', async () => {
    await draft('snoozed', '2026-10-13');
    const before = (await nextOnce('snoozed', Boolean))!;
    expect((await officer.post(`reminders/${before.id}/snooze`, { until: '2026-12-14' })).body).toMatchObject({
      status: 422,
      errors: [{ field: 'reason' }],
    });
    expect((await reader.post(`reminders/${before.id}/snooze`, { until: '2026-12-14', reason: '-' })).status).toBe(403);
    const tooLong = await officer.post(`reminders/${before.id}/snooze`, { until: '2027-11-01', reason: 'Plus tard' });
    expect(tooLong.body).toMatchObject({ status: 422, code: 'REMINDER.SNOOZE_NOT_ALLOWED', field: 'until' });

    const reason = 'Le ministre est en mission';
    expect((await officer.post(`reminders/${before.id}/snooze`, { until: '2026-12-14', reason })).status).toBe(201);
    const after = await nextOnce('snoozed', (one) => one !== undefined && one.dueAt !== before.dueAt);
    expect(inMorocco(after!.dueAt)).toBe('14/12/2026 09:00');
  });

  it('is taken back while its subject is muted, and is there again afterwards', async () => {
    await draft('on-hold', '2026-10-13');
    const before = await nextOnce('on-hold', Boolean);
    const mute = { reason: 'Négociation suspendue' };
    expect((await officer.post('reminders/mutes/agreement/on-hold', mute)).status).toBe(201);
    await nextOnce('on-hold', (one) => one === undefined);
    expect((await officer.get('reminders/mutes/agreement/on-hold')).body).toEqual({ muted: true });
    expect((await remove(officer, 'reminders/mutes/agreement/on-hold')).status).toBe(200);
    expect(await nextOnce('on-hold', Boolean)).toMatchObject({ dueAt: before!.dueAt });
  });

  it('stops by itself when the agreement moves on', async () => {
    await draft('signed-soon', '2026-10-13');
    const before = await nextOnce('signed-soon', Boolean);
    for (const slot of ['ma', 'sn'])
      await officer.post('agreements/signed-soon/signatures', { slot, signedOn: '2026-11-24' });
    // The first signature begins the ladder anew; the last one ends it.
    await eventually(
      () => reminders('agreement=signed-soon&state=scheduled&rule=awaiting-signature'),
      (items) => items.length === 0,
    );
    const cancelled = await reminders('agreement=signed-soon&state=cancelled&recipient=demo-officer');
    expect(cancelled.map(({ id }) => id)).toContain(before!.id);
  });
});

describe('how a person wants to be reminded', () => {
  it('at an hour of his own, by the clock and the working days of where he is', async () => {
    await draft('elsewhere', '2026-10-13', { owner: 'demo-approver' });
    const before = await nextOnce('elsewhere', Boolean, 'demo-approver');
    expect(inMorocco(before!.dueAt)).toMatch(/ 09:00$/);
    expect((await put(approver, 'preferences', { hour: 25 })).status).toBe(422);
    expect((await put(approver, 'preferences', { timeZone: 'Senegal' })).body.errors).toMatchObject([
      { field: 'timeZone' },
    ]);
    const own = { hour: 11, timeZone: 'Africa/Dakar', country: 'SN' };
    expect((await put(approver, 'preferences', own)).status).toBe(200);
    expect((await approver.get('preferences')).body.preferences).toEqual(own);
    const after = await nextOnce('elsewhere', (one) => one?.dueAt !== before!.dueAt, 'demo-approver');
    expect(after!.dueAt).toMatch(/T11:00:00/);
    await put(approver, 'preferences', {});
  });

  it('while he is away, somebody else is told in his place', async () => {
    const away = { from: '2026-11-20', until: '2026-11-30' };
    expect((await put(officer, 'preferences/absence', { ...away, substitute: 'nobody' })).body.errors).toMatchObject([
      { field: 'substitute' },
    ]);
    expect((await put(officer, 'preferences/absence', { ...away, substitute: 'demo-officer' })).body.code).toBe(
      'PREFERENCES.ABSENCE_INVALID',
    );
    expect((await put(officer, 'preferences/absence', { ...away, substitute: 'demo-approver' })).status).toBe(200);
    await draft('handed-over', '2026-02-02');
    const [sent] = await eventually(
      () => reminders('agreement=handed-over&recipient=demo-officer&state=sent'),
      (items) => items.some(({ message }) => message),
    );
    const { body } = await admin.get(`messages/${sent!.message}`);
    expect(body).toMatchObject({ recipient: { id: 'demo-approver' }, insteadOf: { id: 'demo-officer' } });
    expect(body.text).toContain('à la place de');
    await remove(officer, 'preferences/absence');
  });

  it('what has come is counted until it is read', async () => {
    await draft('for-the-approver', '2026-02-02', { owner: 'demo-approver' });
    await eventually(
      async () => (await approver.get('messages/unread')).body.count,
      (count) => count > 0,
    );
    // Reminders of the tests before may still be coming: the list and its count are taken while nothing comes.
    const inbox = async (after?: string) => {
      const since = after === undefined ? '' : `after=${after}`;
      const list = async () => (await approver.get(`messages?mine=true&limit=200&${since}`)).body.items;
      const taken = async () => ({
        items: await list(),
        count: (await approver.get(`messages/unread?${since}`)).body.count,
        all: (await list()).length,
      });
      return eventually(taken, ({ items, all }) => items.length === all);
    };
    const before = await inbox();
    expect(before.count).toBeGreaterThan(0);
    const unread = before.items.find(({ isRead }: { isRead: boolean }) => !isRead);
    expect((await officer.post(`messages/${unread.id}/read`)).status).toBe(404);
    const { position } = (await approver.post(`messages/${unread.id}/read`)).body;
    const after = await inbox(position);
    const come = after.all - before.all;
    expect(after.count).toBe(before.count + come - 1);
  });
});

describe('what will come', () => {
  it('is listed in its order, with the reason for each', async () => {
    await draft('to-come', '2026-10-13');
    await nextOnce('to-come', Boolean);
    const { items } = (await officer.get('reminders/preview?days=90')).body as { items: Reminder[] };
    expect(items.length).toBeGreaterThan(3);
    expect(items.map(({ dueAt }) => dueAt)).toEqual(items.map(({ dueAt }) => dueAt).sort());
    const ladder = items.filter(
      ({ subject, recipient }) => subject.id === 'to-come' && recipient.id === 'demo-officer',
    );
    // The next one, which is scheduled, and the one that follows it, which is not yet.
    expect(ladder.length).toBeGreaterThan(1);
    expect(ladder[0]).toMatchObject({
      rule: 'awaiting-signature',
      sentence: { fr: expect.stringContaining('13 octobre') },
    });
    expect((await officer.get('reminders/preview?days=9000')).status).toBe(422);
  });
});

describe('a policy of the administrators’ own', () => {
  const policy = (repeat = 'repeat: { every: { months: 1 } }, ', rule = 'early') => `
id: visit
labels: { fr: Visite, en: Visit, ar: زيارة }
rules:
  - { id: ${rule}, subject: agreement, on: idle, where: { stages: [awaiting-signature] }, at: [{ after: { days: 1 } }],
      ${repeat}to: ["person:demo-auditor"], message: { fr: "{title} attend {waitingFor}.", en: "{title}", ar: "{title}" } }
`;

  it('is checked: every defect with its line', async () => {
    const { body } = await officer.post('reminder-policies/check', policy('').replace('person:demo-auditor', 'chief'));
    expect(body.defects).toMatchObject([{ line: 6, place: 'rules.0.to.0' }]);
    const silent = await officer.post('reminder-policies/check', policy(''));
    expect(silent.body.defects).toMatchObject([
      { place: 'rules.0.repeat', message: expect.stringContaining('fall silent') },
    ]);
    expect((await put(admin, 'reminder-policies/visit', policy(''))).body).toMatchObject({
      status: 422,
      code: 'REMINDER_POLICY.DEFECTS',
    });
  });

  it('is tried on the last year first: what it would have sent, and nothing is sent', async () => {
    const { status, body } = await officer.post('reminder-policies/dry-run', policy(undefined, 'tried'));
    expect(status).toBe(200);
    expect(body.byRule).toEqual([{ rule: 'tried', count: body.count }]);
    expect(body.byRecipient).toMatchObject([{ recipient: { id: 'demo-auditor' } }]);
    expect(body.items[0].sentence.fr).toMatch(/ attend Royaume du Maroc/);
    expect(await reminders('rule=tried')).toEqual([]);
  });

  it('is published as a version, by administrators; retired, it takes its reminders back', async () => {
    expect((await put(officer, 'reminder-policies/visit', policy())).status).toBe(403);
    expect((await put(admin, 'reminder-policies/other', policy())).body.errors).toMatchObject([{ field: 'id' }]);
    expect((await put(admin, 'reminder-policies/visit', policy())).body).toMatchObject({ version: 1 });
    await eventually(
      () => reminders('rule=early&state=scheduled'),
      (items) => items.length > 5,
    );
    const { items } = (await officer.get('reminder-policies')).body;
    expect(items.map(({ id, version }: { id: string; version: number }) => `${id} ${version}`)).toEqual([
      'standard 1',
      'visit 1',
    ]);
    expect((await admin.post('reminder-policies/visit/retire', { reason: 'La visite est passée' })).status).toBe(201);
    await eventually(
      () => reminders('rule=early&state=scheduled'),
      (left) => left.length === 0,
    );
  });
});

describe('a day off that is declared', () => {
  it('is tried first: the reminders that would move; then they do', async () => {
    await draft('on-the-day', '2026-10-14');
    const before = (await nextOnce('on-the-day', Boolean))!;
    const body = { country: 'MA', day: before.dueAt.slice(0, 10), worked: false, reason: 'Fête exceptionnelle' };
    expect((await officer.post('calendars/days', body)).status).toBe(403);
    const rehearsed = await admin.post('calendars/days?dryRun=true', body);
    const move = rehearsed.body.moves.find(
      ({ subject, recipient }: { subject: { id: string }; recipient: string }) =>
        subject.id === 'on-the-day' && recipient === 'demo-officer',
    );
    expect(move.from).toBe(before.dueAt);
    expect((await next('on-the-day'))!.dueAt).toBe(before.dueAt);
    expect((await admin.post('calendars/days', body)).status).toBe(200);
    await nextOnce('on-the-day', (one) => one?.dueAt === move.to);
    expect((await officer.get('calendars/MA?year=2026')).body.days).toContainEqual({ day: body.day, worked: false });
  });

  it('moves the idle days of a list, the agenda and the reminders alike', async () => {
    await draft('thirty-days', '2026-10-12');
    await draft('fewer-days', '2026-10-14');
    const before = (await nextOnce('fewer-days', Boolean))!;
    const seen = async () => {
      const { items } = (await officer.get('agreements?q=thirty&limit=10')).body;
      const listed = items.find(({ id }: { id: string }) => id === 'thirty-days');
      const agenda = (await officer.get('agenda?scope=mine')).body.items.find(
        ({ subject, occasion }: { subject: { id: string }; occasion: string }) =>
          subject.id === 'thirty-days' && occasion === 'idle',
      );
      return [listed?.waiting.workingDays, listed?.waiting.overdue, agenda?.isOver];
    };
    await eventually(seen, ([days]) => days !== undefined);
    expect(await seen()).toEqual([30, true, true]);
    const body = { country: 'MA', day: '2026-10-20', worked: false, reason: 'Fête exceptionnelle' };
    expect((await admin.post('calendars/days', body)).status).toBe(200);
    expect(await seen()).toEqual([29, false, false]);
    await nextOnce('fewer-days', (one) => one !== undefined && one.dueAt > before.dueAt);
    const ofDesk = (await officer.get('calendars?year=2026')).body;
    expect(ofDesk).toMatchObject({ country: 'MA', days: expect.arrayContaining([{ day: body.day, worked: false }]) });
  });

  it('a feast that follows the moon is predicted until it is proclaimed', async () => {
    const feastIn = async () => (await officer.get('calendars/MA?year=2027')).body.feasts;
    const predicted = (await feastIn()).find(({ feast }: { feast: string }) => feast === 'aid-al-fitr');
    expect(predicted).toMatchObject({ state: 'predicted' });
    const days = ['2027-03-11', '2027-03-12'];
    const source = 'Ministère des habous, communiqué';
    const { hijriYear } = predicted;
    await admin.post('calendars/feasts', { country: 'MA', feast: 'aid-al-fitr', hijriYear, days, source });
    expect((await feastIn()).find(({ feast }: { feast: string }) => feast === 'aid-al-fitr')).toMatchObject({
      state: 'proclaimed',
      days,
    });
  });
});

describe('a calendar that programs subscribe to', () => {
  const events = (text: string) => {
    const calendar = new ICAL.Component(ICAL.parse(text));
    return calendar.getAllSubcomponents('vevent').map((one) => new ICAL.Event(one));
  };
  const fetched = async (url: string) => {
    const response = await fetch(url.replace(/^https?:\/\/[^/]+/, paraphe.url));
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  it('holds what falls on a day, in whole days, under ids that stay when the day changes', async () => {
    const { url, agreementUrl } = (await officer.post('feeds')).body;
    const address = agreementUrl.replace('{id}', 'in-calendar');
    await draft('in-calendar', '2026-11-20', { type: 'cooperation-agreement' });
    await officer.post('agreements/in-calendar/terms', { entryIntoForce: { on: 'signature' }, term: { months: 12 } });
    for (const slot of ['ma', 'sn'])
      await officer.post('agreements/in-calendar/signatures', { slot, signedOn: '2026-11-24' });
    const { type, text } = await eventually(
      () => fetched(address),
      (answer) => answer.text.includes('prend fin'),
    );
    expect(type).toContain('text/calendar');
    const [expiry] = events(text).filter(({ summary }) => summary.includes('prend fin'));
    expect(expiry!.startDate.toString()).toBe('2027-11-24');
    expect(expiry!.startDate.isDate).toBe(true);
    // Lines are folded at 75 octets (RFC 5545, 3.1) and end with CRLF.
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);

    await draft('longer', '2026-11-20', { type: 'amendment' });
    await officer.post('agreements/longer/links', { agreement: 'in-calendar', link: 'amends' });
    await officer.post('agreements/longer/amendment', { terms: { term: { months: 24 } } });
    await officer.post('agreements/longer/terms', { entryIntoForce: { on: 'signature' } });
    for (const slot of ['ma', 'sn'])
      await officer.post('agreements/longer/signatures', { slot, signedOn: '2026-11-24' });
    const later = await eventually(
      async () => events((await fetched(address)).text).find(({ uid }) => uid === expiry!.uid),
      (one) => one?.startDate.toString() === '2028-11-24',
    );
    expect(later!.summary).toContain('in-calendar');
    expect(events((await fetched(url)).text).map(({ uid }) => uid)).toContain(expiry!.uid);
  });

  it('is for whoever has its address, until it is revoked', async () => {
    const { id, url } = (await officer.post('feeds')).body;
    expect((await fetched(url)).status).toBe(200);
    expect((await fetched(url.replace(/feeds\/.{8}/, 'feeds/wrong123'))).status).toBe(404);
    expect((await remove(officer, `tokens/${id}`)).status).toBeLessThan(300);
    expect((await fetched(url)).status).toBe(404);
  });
});

describe('the operator’s view of the queue', () => {
  it('is for administrators, and its page calls nobody else', async () => {
    const page = (user: ApiUser) =>
      fetch(`${paraphe.url}/api/queues`, { headers: { authorization: `Bearer ${user.token}` } });
    expect((await page(officer)).status).toBe(403);
    expect((await fetch(`${paraphe.url}/api/queues/api/queues`)).status).toBe(401);
    const seen = await page(admin);
    expect(seen.headers.get('content-security-policy')).toContain("style-src 'self'");
    expect(await seen.text()).toContain('Paraphe');
    const counts = (await admin.get('queues/reminders')).body;
    const board = await fetch(`${paraphe.url}/api/queues/api/queues`, {
      headers: { authorization: `Bearer ${admin.token}` },
    });
    const { queues } = (await board.json()) as { queues: { name: string; counts: Record<string, number> }[] };
    expect(queues.map(({ name }) => name)).toEqual(['reminders', 'reminders-email', 'reminders-webhook']);
    const delayed = queues.reduce((sum, queue) => sum + queue.counts.delayed!, 0);
    expect(delayed).toBe(counts.delayed);
  });
});
