import { readFileSync } from 'node:fs';
import { ADMIN, APPROVER, ApiUser, eventually, OFFICER, Paraphe, READER, THE_DAY } from './support/paraphe.js';

let paraphe: Paraphe;
let officer: ApiUser;
let reader: ApiUser;

/** What was said of the sample before any test added to it. */
let asItCame: { counts: number[]; statements: { id: string }[]; sent: { message: string }[] };

beforeAll(async () => {
  paraphe = await Paraphe.start();
  officer = await paraphe.as(OFFICER);
  reader = await paraphe.as(READER);
  const lists = [
    'agreements?kind=signature',
    'agreements',
    'projects',
    'programmes',
    'meetings',
    'organisations?limit=200',
  ];
  const counts = await Promise.all(lists.map(async (list) => (await reader.get(list)).body.items.length));
  const sent = await eventually(
    async () => (await reader.get('reminders?state=sent&recipient=demo-officer&rule=awaiting-signature')).body.items,
    (items) => items.length === 5 && items.every(({ message }: { message?: string }) => message),
  );
  asItCame = { counts, sent, statements: (await reader.get('statements?counts=agreements')).body.items };
});
afterAll(() => paraphe.remove());

describe('the sample portfolio', () => {
  it('is there in full', () => {
    expect(asItCame.counts).toEqual([5, 6, 8, 3, 12, 23]);
  });

  it('shows the gap between the seven stated and the five named', () => {
    expect(asItCame.statements.find(({ id }) => id === 'south-south-awaiting')).toMatchObject({
      declared: 7,
      identified: { count: 5 },
      gap: 2,
    });
  });

  it.each(['mbi', 'amuddu'])('has %s started by the signature of the Belgian convention', async (project) => {
    const isStart = ({ type }: { type: string }) => type === 'ProjectStarted';
    const history = await eventually(
      async () => (await reader.get(`projects/${project}/history`)).body.items,
      (items) => items.some(isStart),
    );
    expect(history.find(isStart)).toMatchObject({
      effectiveOn: { edtf: '2018-03-15' },
      cause: {
        category: 'agreement',
        subject: 'be-migration-2018',
        type: 'AgreementSigned',
        effectiveOn: { edtf: '2018-03-15' },
      },
    });
  });

  it('computes that MBI ends after the end that was stated', async () => {
    const { body } = await eventually(
      () => reader.get('projects/mbi'),
      ({ body: project }) => project.ends.computed !== undefined,
    );
    expect(body.ends).toEqual({
      stated: { edtf: '2020', text: '2020' },
      computed: { edtf: '2021-03-15', text: '15 mars 2021' },
      slippageDays: 74,
    });
  });

  it('keeps dates as vague as they are, and sorts them', async () => {
    const { body } = await reader.get('projects/giz-collectivites');
    const milestones: { title: string; reachedOn?: { edtf: string; text: string } }[] = body.milestones;
    const dated = milestones.map(({ reachedOn }) => reachedOn?.edtf);
    const rabat = milestones.find(({ title }) => title === 'Integration Strategy Group, round 1, Rabat')!;
    expect(rabat.reachedOn).toEqual({ edtf: '2016-11', text: 'novembre 2016' });
    expect(dated.indexOf('2016-11')).toBe(dated.indexOf('2016-06') + 1);
    expect(dated.indexOf('2017-04')).toBeGreaterThan(dated.indexOf('2016-11'));
    expect(milestones.filter(({ reachedOn }) => reachedOn?.edtf === 'unknown')).toHaveLength(3);
  });

  it('reminds of each long overdue agreement once, in one message', async () => {
    const messages = new Set(asItCame.sent.map(({ message }) => message));
    expect(messages.size).toBe(1);
    const { body } = await officer.get(`messages/${[...messages][0]}`);
    expect(body.subject).toMatch(/^Rappels : \d+ dossiers vous attendent$/);
    expect(body.text).toContain('Maroc et Sénégal');
    expect(body.text).toContain('En attente de : Royaume du Maroc, République du Sénégal');
  });

  it('is found without accents', async () => {
    const { body } = await reader.get('agreements?q=senegal');
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['sn-migration']);
  });
});

describe('the journey of an agreement over HTTP', () => {
  it('from a draft to two signatures, each step seen at once', async () => {
    const approver = await paraphe.as(APPROVER);
    const parties = [{ organisation: 'ma' }, { organisation: 'tn' }];
    const drafted = await officer.post('agreements', {
      id: 'ma-tn-formation',
      title: 'Formation professionnelle, Maroc et Tunisie',
      type: 'protocol',
      parties,
      owner: 'demo-officer',
    });
    expect(drafted.status).toBe(201);
    for (const transition of ['start-drafting', 'negotiate', 'agree-text'])
      expect((await officer.post(`agreements/ma-tn-formation/transitions/${transition}`)).status).toBe(201);
    expect((await officer.post('agreements/ma-tn-formation/transitions/authorise')).body).toMatchObject({
      status: 403,
      code: 'AGREEMENT.TRANSITION_RESERVED',
    });
    expect((await approver.post('agreements/ma-tn-formation/transitions/authorise')).status).toBe(201);
    await officer.post('agreements/ma-tn-formation/transitions/send-for-signature');

    const first = await officer.post('agreements/ma-tn-formation/signatures', {
      slot: 'ma',
      signedOn: '2026-01-12',
      signatory: { name: 'Leïla Signataire' },
      place: 'Rabat',
    });
    const between = (await officer.get(`agreements/ma-tn-formation?after=${first.body.position}`)).body;
    expect(between.stage.id).toBe('partly-signed');
    expect(between.slots[0]).toMatchObject({
      status: 'signed',
      signatory: { name: 'Leïla Signataire' },
      place: 'Rabat',
    });
    expect(between.allowedTransitions.find(({ id }: { id: string }) => id === 'sign').blockedBy).toMatchObject([
      { code: 'SIGNATURE_MISSING', labels: { fr: 'La signature manque pour : République tunisienne.' } },
    ]);
    const scheduled = await eventually(
      async () =>
        (await officer.get('reminders?agreement=ma-tn-formation&recipient=demo-officer&state=due')).body.items.concat(
          (await officer.get('reminders?agreement=ma-tn-formation&recipient=demo-officer&state=sent')).body.items,
        ),
      (items) => items.length === 1,
    );
    expect(scheduled).toHaveLength(1);

    const second = await officer.post('agreements/ma-tn-formation/signatures', { slot: 'tn', signedOn: '2026-02-03' });
    const { body: list } = await officer.get(`agreements?stage=signed&after=${second.body.position}`);
    expect(list.items[0]).toMatchObject({ id: 'ma-tn-formation', signedOn: { edtf: '2026-02-03' } });

    const { body: history } = await officer.get(`agreements/ma-tn-formation/history?after=${second.body.position}`);
    expect(history.items.map(({ type }: { type: string }) => type).slice(0, 2)).toEqual([
      'AgreementSigned',
      'SignatureRecorded',
    ]);
    expect(JSON.stringify(history)).not.toContain('Leïla');
    expect(history.items[0].actor).toMatchObject({
      kind: 'user',
      id: 'demo-officer',
      name: 'Amina Démo (chargée de dossier)',
      roles: ['officer'],
    });
  });

  it('signs the Senegal agreement, and its pending signatures are gone', async () => {
    await officer.post('agreements/sn-migration/signatures', { slot: 'ma', signedOn: '2026-02-01' });
    const { body } = await officer.post('agreements/sn-migration/signatures', { slot: 'sn', signedOn: '2026-02-02' });
    const board = (await reader.get(`agreements/board?after=${body.position}`)).body.columns;
    expect(
      board
        .find(({ stage }: { stage: { id: string } }) => stage.id === 'domestic-procedures')
        .agreements.map(({ id }: { id: string }) => id),
    ).toContain('sn-migration');
    const pending = (await reader.get(`agreements/pending-signatures?after=${body.position}`)).body.items;
    expect(pending.filter(({ agreement }: { agreement: string }) => agreement === 'sn-migration')).toEqual([]);
  });

  it('cancels the reminder of an agreement that moves', async () => {
    await officer.post('agreements', {
      id: 'fresh',
      title: 'Nouveau',
      type: 'protocol',
      parties: [{ organisation: 'ma' }],
      stage: 'awaiting-signature',
      owner: 'demo-officer',
    });
    await eventually(
      () => reader.get('reminders?agreement=fresh&recipient=demo-officer&state=scheduled'),
      ({ body }) => body.items.length === 1,
    );
    await officer.post('agreements/fresh/signatures', {
      slot: 'ma',
      signedOn: THE_DAY.slice(0, 10),
    });
    await eventually(
      () => reader.get('reminders?agreement=fresh&recipient=demo-officer&state=scheduled'),
      ({ body }) => body.items.length === 0,
    );
    expect(
      (await reader.get('reminders?agreement=fresh&recipient=demo-officer&state=cancelled')).body.items.length,
    ).toBeGreaterThan(0);
  });

  it('shows what was known at an earlier moment', async () => {
    const [{ recordedAt: before }] = (await reader.get('agreements/eg-migration/history?limit=1')).body.items;
    await officer.post('agreements/eg-migration/signatures', { slot: 'ma', signedOn: '2026-02-01' });
    expect((await reader.get('agreements/eg-migration')).body.stage.id).toBe('partly-signed');
    expect((await reader.get(`agreements/eg-migration?asOf=${before}`)).body.stage.id).toBe('awaiting-signature');
  });
});

describe('people who integrate', () => {
  it('repeat a command with the same key without harm', async () => {
    const key = { 'idempotency-key': 'meeting-42' };
    const body = { id: 'cm-2026', kind: 'joint-commission', heldOn: '2026-02', participants: [] };
    const first = await officer.post('meetings', body, key);
    const again = await officer.post('meetings', body, key);
    expect(again.body).toEqual(first.body);
    expect((await officer.post('meetings', body)).body).toMatchObject({ status: 409, code: 'MEETING.EXISTS' });
    expect((await officer.post('meetings/cm-2026/follow-ups', { followUp: 'x', title: 'x' }, key)).body.code).toBe(
      'IDEMPOTENCY_KEY_REUSED',
    );
  });

  it('are told what changed when they come upon a stale revision', async () => {
    const { headers } = await officer.get('agreements/tn-migration');
    const etag = headers.get('etag')!;
    await officer.post('agreements/tn-migration/owner', { owner: 'demo-approver' }, { 'if-match': etag });
    const stale = await officer.post('agreements/tn-migration/owner', { owner: 'demo-officer' }, { 'if-match': etag });
    expect(stale.body).toMatchObject({
      status: 412,
      code: 'REVISION_CONFLICT',
      changedSince: [{ type: 'AgreementOwnerAssigned' }],
    });
  });

  it('read lists page by page', async () => {
    const first = (await reader.get('organisations?limit=10')).body;
    const second = (await reader.get(`organisations?limit=10&cursor=${first.next}`)).body;
    const third = (await reader.get(`organisations?limit=10&cursor=${second.next}`)).body;
    const ids = [...first.items, ...second.items, ...third.items].map(({ id }) => id);
    expect(new Set(ids).size).toBe(23);
    expect(third.next).toBeUndefined();
  });

  it('get problem documents that name the field, the rule and what is allowed', async () => {
    const bad = await officer.post('agreements', { id: 'Bad Id', title: '', type: 'pact', parties: [] });
    expect(bad.status).toBe(422);
    expect(bad.headers.get('content-type')).toContain('application/problem+json');
    expect(bad.body.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      'id',
      'parties',
      'title',
      'type',
    ]);
    expect(bad.body.errors.find(({ field }: { field: string }) => field === 'type').message).toContain(
      'memorandum-of-understanding',
    );
    expect((await officer.get('agreements/nothing')).body).toMatchObject({ status: 404, type: '/problems/not-found' });
    expect((await officer.get('agreements?colour=red')).body.status).toBe(422);
    expect((await officer.get('organisations?cursor=abc')).body.errors[0].field).toBe('cursor');
    expect(
      (await officer.post('agreements/tn-migration/signatures', { slot: 'ma', signedOn: '2018-02-30' })).body.errors[0],
    ).toMatchObject({ field: 'signedOn' });
  });

  it('find an OpenAPI 3.1 document with every route and its request’s schema', async () => {
    const document = (await (await fetch(`${paraphe.url}/api/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { requestBody?: unknown }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/agreements',
        '/api/v1/agreements/{id}/signatures',
        '/api/v1/projects/{id}/history',
        '/api/v1/imports',
      ]),
    );
    expect(JSON.stringify(document.paths['/api/v1/agreements/{id}/signatures']!.post!.requestBody)).toContain(
      'signedOn',
    );
    expect((await fetch(`${paraphe.url}/api/docs`)).status).toBe(200);
  });

  it('find the pages beside the API, and nothing where there is nothing', async () => {
    const page = await fetch(`${paraphe.url}/accords/sn-migration`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await page.text()).toContain('<div id="root">');
    expect((await fetch(`${paraphe.url}/api/v2/x`)).status).toBe(404);
    expect((await fetch(`${paraphe.url}/assets/none.js`)).status).toBe(404);
  });
});

describe('access', () => {
  it('is refused without a session or a token, and with a wrong one', async () => {
    expect((await fetch(`${paraphe.url}/api/v1/agreements`)).status).toBe(401);
    const wrong = await fetch(`${paraphe.url}/api/v1/agreements`, { headers: { authorization: 'Bearer paraphe_x.y' } });
    expect(wrong.status).toBe(401);
    const signIn = async (who: object): Promise<{ status: number; code: string; detail: string }> => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ ...OFFICER, ...who });
      return (await fetch(`${paraphe.url}/api/v1/session`, { method: 'POST', headers, body })).json() as never;
    };
    const answers = [await signIn({ password: 'wrong' }), await signIn({ email: 'nobody@example.org' })];
    // Which of them was wrong is not told.
    for (const { status, code, detail } of answers)
      expect({ status, code, detail }).toEqual({ status: 401, code: 'WRONG_CREDENTIALS', detail: answers[0]!.detail });
  });

  it('readers read and change nothing', async () => {
    expect((await reader.get('agreements')).status).toBe(200);
    const attempts = [
      reader.post('agreements', { title: 'x', type: 'treaty', parties: [{ organisation: 'ma' }] }),
      reader.post('agreements/ci-migration/signatures', { slot: 'ma', signedOn: '2026-01-01' }),
      reader.post('organisations', { id: 'x', name: 'x', kind: 'agency' }),
      reader.post('imports', 'format: portfolio/1'),
      reader.post('users', { name: 'x', email: 'x@example.org', password: 'long-enough-1', roles: ['reader'] }),
    ];
    expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await reader.get('messages')).body.items).toEqual([]);
  });

  it('a page of another site cannot act through the session cookie', async () => {
    const headers = { 'content-type': 'application/json' };
    const session = await fetch(`${paraphe.url}/api/v1/session`, {
      method: 'POST',
      headers,
      body: JSON.stringify(OFFICER),
    });
    const setCookie = session.headers.get('set-cookie')!;
    expect(setCookie).toMatch(/HttpOnly/i);
    expect(setCookie).toMatch(/SameSite=Lax/i);
    const cookie = setCookie.split(';')[0]!;
    const post = (more: Record<string, string>) =>
      fetch(`${paraphe.url}/api/v1/tokens`, {
        method: 'POST',
        headers: { ...headers, cookie, ...more },
        body: '{"name":"x"}',
      });
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    await fetch(`${paraphe.url}/api/v1/session`, { method: 'DELETE', headers: { cookie } });
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(401);
  });

  it('a secret is made once under one key, and shown once: who has lost the answer revokes it', async () => {
    const officer = await paraphe.as(OFFICER);
    const asked = () => officer.post('tokens', { name: 'x' }, { 'idempotency-key': 'a-token' });
    const { body } = await asked();
    const again = await asked();
    expect([again.status, again.body]).toEqual([
      409,
      expect.objectContaining({ code: 'ACCESS.SECRET_WAS_SHOWN', id: body.id }),
    ]);
    expect((await new ApiUser(paraphe.url, body.token).get('session')).status).toBe(200);
  });

  it('administrators register users, who then sign in; an address signs in one user only', async () => {
    const admin = await paraphe.as(ADMIN);
    const user = { name: 'Nadia', email: 'nadia@example.org', password: 'a-long-password', roles: ['auditor'] };
    expect((await admin.post('users', user)).status).toBe(201);
    expect((await admin.post('users', { ...user, email: 'Nadia@Example.org' })).body.code).toBe('USER.EMAIL_TAKEN');
    const nadia = await paraphe.as(user);
    expect((await nadia.get('session')).body).toMatchObject({ name: 'Nadia', roles: ['auditor'] });
    expect((await nadia.get('messages')).body.items.length).toBeGreaterThan(0);
  });
});

describe('importing', () => {
  const sample = readFileSync('libs/portfolio/sample/portfolio.yaml', 'utf8');

  it('the same file again changes nothing', async () => {
    const { body } = await officer.post('imports', sample);
    expect(body).toMatchObject({ applied: 0, refused: 0 });
    expect(body.unchanged).toBe(body.rows.length);
    expect(body.rows.length).toBeGreaterThan(130);
  });

  it('a dry run says what would happen and changes nothing', async () => {
    const file =
      'format: portfolio/1\nsource: { id: other, document: Essai, asOf: "2020", language: fr }\norganisations:\n  - { id: fr, name: République française, kind: state, country: FR }\n  - { id: ma, name: Maroc, kind: state, country: MA }\n';
    const { body } = await officer.post('imports?dryRun=true', file);
    expect(body.rows).toEqual([
      { line: 4, section: 'organisations', id: 'fr', command: 'RegisterOrganisation', fate: 'applied' },
      expect.objectContaining({ line: 5, id: 'ma', fate: 'refused', code: 'ORGANISATION.EXISTS' }),
    ]);
    expect((await officer.get('organisations/fr')).status).toBe(404);
  });

  it('a bad file is refused whole, with every defect and its line', async () => {
    const file = `format: portfolio/1
source: { id: bad, document: Essai, asOf: "2020-13", language: fr }
organisations:
  - { id: xx, name: Valable, kind: state, country: FR }
  - { id: YY, name: Deux, kind: kingdom }
`;
    const { status, body } = await officer.post('imports', file);
    expect(status).toBe(422);
    expect(body.errors.map(({ line, field }: { line: number; field: string }) => [line, field])).toEqual([
      [2, 'source.asOf'],
      [5, 'organisations.1.id'],
      [5, 'organisations.1.kind'],
    ]);
    expect((await officer.get('organisations/xx')).status).toBe(404);
  });

  it('references to nothing are defects too', async () => {
    const file = `format: portfolio/1
source: { id: bad2, document: Essai, asOf: 2020-01, language: fr }
projects:
  - id: p1
    title: Un projet
    partners:
      - { organisation: nobody, role: lead }
      - { organisation: giz, role: implementing }
`;
    const { body } = await officer.post('imports', file);
    expect(body.errors).toEqual([
      expect.objectContaining({ line: 7, field: 'projects.0.partners.0.organisation', rule: 'reference' }),
    ]);
  });
});
