import { ADMIN, type ApiUser, AUDITOR, eventually, OFFICER, Paraphe, READER } from './support/paraphe.js';
import { oneIn } from './support/sample.js';

const long = oneIn(2);

let paraphe: Paraphe;
let admin: ApiUser;
let officer: ApiUser;
let auditor: ApiUser;
let reader: ApiUser;

interface Entry {
  id: string;
  type: string;
  subject: string;
  position: string;
  recordedAt: string;
  actor: { name: string; roles?: string[] };
  source?: { kind: string; file?: string; line?: number };
  changes: { field: string; before?: unknown; after: unknown }[];
  sentence?: string;
}

const textOf = async (user: ApiUser, path: string) => {
  const response = await fetch(`${paraphe.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${user.token}` } });
  expect(response.status).toBe(200);
  return { type: response.headers.get('content-type'), text: await response.text() };
};
const story = async (query: string): Promise<Entry[]> =>
  (await auditor.get(`audit/events?limit=200&${query}`)).body.items;
const historyOf = async (path: string): Promise<Entry[]> => (await reader.get(`${path}/history?limit=200`)).body.items;

beforeAll(async () => {
  paraphe = await Paraphe.start();
  [admin, officer, auditor, reader] = (await Promise.all(
    [ADMIN, OFFICER, AUDITOR, READER].map((user) => paraphe.as(user)),
  )) as [ApiUser, ApiUser, ApiUser, ApiUser];
  const changed = await officer.send('PATCH', 'agreements/sn-migration', { title: 'Accord Maroc-Sénégal' }, {});
  expect(changed.status).toBe(200);
});
afterAll(() => paraphe.remove());

describe('a history', () => {
  it('says the role of that moment, by which way each thing came, and what it changed', async () => {
    const [latest, ...earlier] = await eventually(
      () => historyOf('agreements/sn-migration'),
      ([first]) => first?.type === 'ParticularsChanged',
    );
    expect(latest).toMatchObject({
      actor: { roles: ['officer'] },
      source: { kind: 'token' },
      changes: [{ field: 'title', after: 'Accord Maroc-Sénégal' }],
    });
    expect(latest!.changes[0]!.before).toContain('politiques migratoires');
    expect(earlier.at(-1)).toMatchObject({
      type: 'AgreementDrafted',
      source: { kind: 'import', file: 'mcmream-2018' },
    });
    expect(earlier.at(-1)!.source!.line).toBeGreaterThan(100);
  });

  it('is there for users, definitions and policies too, and says no secret', async () => {
    await admin.send('PUT', 'users/demo-officer/groups', { groups: ['division-afrique'] }, {});
    const user = await eventually(
      () => historyOf('users/demo-officer'),
      (items) => items[0]?.type === 'UserGroupsSet',
    );
    expect(user.map(({ type }) => type)).toEqual(['UserGroupsSet', 'PasswordSet', 'UserRegistered']);
    expect(JSON.stringify(user)).not.toContain('argon2');
    expect(await historyOf('lifecycles/cooperation-agreement')).toMatchObject([{ type: 'LifecyclePublished' }]);
    expect(await historyOf('reminder-policies/standard')).toMatchObject([{ type: 'ReminderPolicyPublished' }]);
  });
});

describe('the two clocks', () => {
  const stageOf = async (query: string) => (await reader.get(`agreements/two-clocks?${query}`)).body.stage?.id;

  beforeAll(async () => {
    const parties = [{ organisation: 'ma' }, { organisation: 'sn' }];
    const facts = { title: 'Deux horloges', type: 'protocol', parties, effectiveOn: '2016-11' };
    await officer.post('agreements', { id: 'two-clocks', stage: 'awaiting-signature', ...facts });
    for (const slot of ['ma', 'sn'])
      await officer.post('agreements/two-clocks/signatures', { slot, signedOn: '2017-03-16' });
    const correction = { signedOn: '2018-05-02', reason: 'Le procès-verbal dit mai' };
    const corrected = await officer.post('agreements/two-clocks/signatures/sn/correct', correction);
    expect(corrected.status).toBe(201);
    await reader.get(`agreements?after=${corrected.body.position}`);
  });

  it('show what was the case on a day, as known now; a vague day counts once it is over', async () => {
    expect((await reader.get('agreements/two-clocks?effectiveAt=2016-11-15')).status).toBe(404);
    expect(await stageOf('effectiveAt=2016-11-30')).toBe('awaiting-signature');
    expect(await stageOf('effectiveAt=2017-03-15')).toBe('awaiting-signature');
    expect(await stageOf('effectiveAt=2017-03-16')).not.toBe('awaiting-signature');
  });

  it('show what was known on a day, whatever happened before it', async () => {
    expect((await reader.get('agreements/two-clocks?asOf=2026-11-24')).status).toBe(404);
    expect(await stageOf('asOf=2026-11-25&effectiveAt=2017-01-01')).toBe('awaiting-signature');
    expect((await reader.get('agreements/two-clocks?asOf=yesterday')).body).toMatchObject({
      errors: [{ field: 'asOf' }],
    });
  });

  it('take a corrected signature for what it was, and a voided one for none', async () => {
    const signed = async (on: string) => {
      const { body } = await reader.get(`agreements/two-clocks?effectiveAt=${on}`);
      return body.slots
        .filter(({ status }: { status: string }) => status === 'signed')
        .map(({ id }: { id: string }) => id);
    };
    expect(await signed('2018-05-01')).toEqual(['ma']);
    expect(await signed('2018-05-02')).toEqual(['ma', 'sn']);
  });

  it('are understood by lists, figures and statements', async () => {
    const ids = async (path: string) => (await reader.get(path)).body.items.map(({ id }: { id: string }) => id);
    expect(await ids('agreements?effectiveAt=2016-12-31&limit=200')).toContain('two-clocks');
    expect(await ids('agreements?effectiveAt=2016-10-31&limit=200')).not.toContain('two-clocks');
    const then = (await reader.get('agreements?effectiveAt=2016-12-31&country=SN&limit=200')).body.items;
    const found = then.find(({ id }: { id: string }) => id === 'two-clocks');
    expect(found.parties.map(({ name }: { name: string }) => name)).toEqual([
      'Royaume du Maroc',
      'République du Sénégal',
    ]);
    const stage = await stageOf('effectiveAt=2017-06-30');
    expect(stage).not.toBe(await stageOf(''));
    expect(await ids(`agreements?effectiveAt=2017-06-30&stage=${stage}&limit=200`)).toContain('two-clocks');
    expect(await ids(`agreements?stage=${stage}&limit=200`)).not.toContain('two-clocks');
    expect(await ids('agreements?limit=200')).toContain('two-clocks');
    expect(await ids('agreements?asOf=2026-11-24')).toEqual([]);
    expect(await ids('projects?effectiveAt=2014-01-01')).toContain('medma-2');
    expect(await ids('statements?asOf=2026-11-24')).toEqual([]);
    const declared = (await reader.get('statements?asOf=2026-11-25')).body.items;
    expect(declared).toEqual((await reader.get('statements')).body.items);
    const counted = (await reader.get('agreements/figures?effectiveAt=2016-12-31')).body.byStage;
    const total = counted.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
    expect(total).toBe((await ids('agreements?effectiveAt=2016-12-31&limit=200')).length);
    expect((await reader.get('agreements?effectiveAt=2016')).body).toMatchObject({
      errors: [{ field: 'effectiveAt' }],
    });
  });

  it('are compared, each difference with its event', async () => {
    const asked = 'kind=agreement&id=two-clocks&fromEffectiveAt=2016-12-31&toEffectiveAt=2017-12-31';
    const { items } = (await reader.get(`audit/comparison?${asked}`)).body;
    const slot = items.find(({ field }: { field: string }) => field === 'slots.ma');
    expect(slot).toMatchObject({
      before: { status: 'open' },
      after: { status: 'signed', signedOn: '2017-03-16' },
      event: { type: 'SignatureRecorded', actor: { roles: ['officer'] } },
    });
    const whole = (await reader.get('audit/comparison?kind=project&id=mbi')).body.items;
    expect(
      whole.every(({ before, event }: { before?: unknown; event?: unknown }) => before === undefined && event),
    ).toBe(true);
    expect((await reader.get('audit/comparison?kind=agreement&id=none')).status).toBe(404);
  });

  it('each value says where it comes from: the event, the document, its words', async () => {
    const { items } = (await reader.get('audit/provenance?kind=agreement&id=sn-migration')).body;
    const of = (field: string) => items.find((one: { field: string }) => one.field === field);
    expect(of('title')).toMatchObject({ value: 'Accord Maroc-Sénégal', event: { type: 'ParticularsChanged' } });
    expect(of('type')).toMatchObject({
      event: { type: 'AgreementDrafted', source: { kind: 'import' } },
      source: { document: expect.stringContaining('2018') },
    });
  });
});

describe('the story', () => {
  it('is told of a programme, a country, a person, and by words', async () => {
    const subjects = async (query: string) => new Set((await story(query)).map(({ subject }) => subject));
    expect(await subjects('country=SN&category=agreement')).toContain('sn-migration');
    expect(await subjects('country=SN&category=agreement')).not.toContain('tn-migration');
    expect(await subjects('programme=be-coop&category=project')).toContain('mbi');
    expect(
      (await story('person=demo-officer&category=agreement')).every(
        ({ actor, type }) => actor.name.includes('Amina') || type,
      ),
    ).toBe(true);
    expect(await subjects('q=maroc-sénégal')).toEqual(new Set(['sn-migration']));
    expect(await subjects('q=MAROC senegal accord')).toContain('sn-migration');
    const [meeting] = (await auditor.get('meetings')).body.items;
    expect((await story(`untilMeeting=${meeting.id}`)).length).toBe(0);
    expect((await story(`fromMeeting=${meeting.id}&category=agreement`)).length).toBeGreaterThan(5);
    expect((await auditor.get('audit/events?fromMeeting=none')).body).toMatchObject({
      errors: [{ field: 'fromMeeting' }],
    });
    expect((await auditor.get('audit/events?country=Senegal')).body).toMatchObject({ errors: [{ field: 'country' }] });
  });

  it('is taken away whole: as a sheet, line by line, and as a document to be filed', async () => {
    const all: Entry[] = [];
    for (let cursor = ''; ; ) {
      const { items, next } = (await auditor.get(`audit/events?category=agreement&limit=7${cursor}`)).body;
      all.push(...items);
      if (!next) break;
      cursor = `&cursor=${next}`;
    }
    const sheet = await textOf(auditor, 'audit/events/export?format=csv&category=agreement&language=en');
    expect(sheet.type).toContain('text/csv');
    expect(sheet.text).toContain('"What happened"');
    expect((await textOf(auditor, 'audit/events/export?format=csv')).text).not.toContain('{{');
    expect(sheet.text.split('\r\n')).toHaveLength(all.length + 2);
    const lines = (await textOf(auditor, 'audit/events/export?format=jsonl&category=agreement&language=ar')).text;
    const told = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry);
    expect(told.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    expect(told.find(({ type }) => type === 'AgreementSigned')!.sentence).toBe('وقع الاتفاق');
    const pdf = await textOf(auditor, 'audit/events/export?format=pdf&category=agreement&language=ar');
    expect(pdf.type).toBe('application/pdf');
    expect(pdf.text.slice(0, 8)).toBe('%PDF-1.7');
    expect(pdf.text).toContain('<pdfaid:part>2</pdfaid:part>');
    expect(pdf.text).toContain('/audit?event=');
  });
});

describe('what was refused', () => {
  it('is on record before it is answered: who tried what, and why not', async () => {
    expect(
      (await reader.post('agreements/sn-migration/signatures', { slot: 'ma', signedOn: '2018-03-15' })).status,
    ).toBe(403);
    expect((await officer.post('agreements/none/signatures', { slot: 'ma', signedOn: '2018-03-15' })).status).toBe(404);
    const { items } = await eventually(
      async () => (await auditor.get('audit/attempts')).body,
      ({ items }) => items.some(({ data }: { data: { status: number } }) => data.status === 404),
    );
    expect(items).toContainEqual(
      expect.objectContaining({
        type: 'CommandRefused',
        actor: expect.objectContaining({ id: 'demo-reader', roles: ['reader'] }),
        data: expect.objectContaining({
          path: '/api/v1/agreements/sn-migration/signatures',
          code: 'FORBIDDEN',
          status: 403,
        }),
      }),
    );
    expect((await reader.get('audit/attempts')).status).toBe(403);
  });

  it('so are failed attempts to sign in, but no flood of strangers', async () => {
    const strangers = () =>
      fetch(`${paraphe.url}/api/v1/agreements`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
    for (let attempt = 0; attempt < 70; attempt++) expect((await strangers()).status).toBe(401);
    const nobody = async () => (await auditor.get('audit/attempts?actor=nobody&limit=200')).body.items;
    const items = await eventually(nobody, ({ length }) => length >= 60);
    expect(items.length).toBeLessThanOrEqual(120);
    expect(items[0].data).toMatchObject({ method: 'POST', path: '/api/v1/agreements', status: 401 });
  });

  it('stays out of the history and out of the proofs', async () => {
    const size = async () => (await auditor.get('audit/proofs')).body.size as number;
    // What the reminders of the sample record meanwhile is proved.
    await eventually(
      async () => {
        const before = await size();
        expect((await reader.post('agreements/sn-migration/notes', { text: '-' })).status).toBe(403);
        return (await size()) - before;
      },
      (grown) => grown === 0,
    );
    expect((await story('q=FORBIDDEN')).map(({ type }) => type)).toEqual([]);
  });

  it('so is who reads what is confidential', async () => {
    const parties = [{ organisation: 'ma' }, { organisation: 'tn' }];
    await officer.post('agreements', { id: 'quiet', title: 'À taire', type: 'treaty', parties });
    const { body } = await officer.send<{ position: string }>('PATCH', 'agreements/quiet', { confidential: true }, {});
    expect((await reader.get(`agreements/quiet?after=${body.position}`)).body.confidential).toBe(true);
    const { items } = await eventually(
      async () => (await auditor.get('audit/attempts?type=ConfidentialRead')).body,
      ({ items }) => items.length > 0,
    );
    expect(items[0]).toMatchObject({ actor: { id: 'demo-reader' }, data: { kind: 'agreement', id: 'quiet' } });
  });

  long('is let go of after as many days as the operator says', async () => {
    // In a house of its own, some days on from the others.
    const house = await Paraphe.start({ PARAPHE_SAMPLE: 'false' });
    try {
      const attempts = async () => (await (await house.as(ADMIN)).get('audit/attempts?limit=200')).body.items;
      const tried = await (await house.as(ADMIN)).post('agreements/none/notes', { text: '-' });
      expect(tried.status).toBe(404);
      await eventually(attempts, ({ length }) => length > 0);
      await house.stop();
      house.clockMoved = 3 * 86_400_000;
      await house.start({ PARAPHE_ATTEMPTS_DAYS: '4' });
      expect(await attempts()).toHaveLength(1);
      await house.stop();
      await house.start({ PARAPHE_ATTEMPTS_DAYS: '2' });
      expect(await attempts()).toEqual([]);
    } finally {
      await house.remove();
    }
  });
});
