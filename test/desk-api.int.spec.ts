import { createHash } from 'node:crypto';
import { ADMIN, APPROVER, type ApiUser, eventually, OFFICER, Paraphe, THE_DAY } from './support/paraphe.js';

let paraphe: Paraphe;
let officer: ApiUser;

const DAY = THE_DAY.slice(0, 10);
const draft = (id: string, more: object = {}) =>
  officer.post('agreements', {
    id,
    title: `Protocole ${id}`,
    type: 'protocol',
    parties: [{ organisation: 'ma' }, { organisation: 'tn' }],
    ...more,
  });

beforeAll(async () => {
  paraphe = await Paraphe.start();
  officer = await paraphe.as(OFFICER);
});
afterAll(async () => {
  await paraphe?.remove();
});

describe('lists of agreements', () => {
  it('are filtered by several values at once, each facet counted under the other filters', async () => {
    const { body } = await officer.get('agreements/facets?country=SN,SD&stage=awaiting-signature');
    expect(body.total).toBe(2);
    expect(body.country).toContainEqual({ value: 'EG', count: 1 });
    expect(body.stage).toMatchObject([{ value: 'awaiting-signature', count: 2, labels: { en: 'Awaiting signature' } }]);
    expect(body.party).toContainEqual(expect.objectContaining({ value: 'sn', count: 1 }));
    const { body: list } = await officer.get('agreements?country=SN,SD');
    expect(list.items.map(({ id }: { id: string }) => id)).toEqual(['sd-migration', 'sn-migration']);
  });

  it('are sorted either way, page after page, nothing twice and nothing left out', async () => {
    for (const sort of ['title', '-title', 'stage', '-waiting', 'due', '-signed', 'owner', 'type']) {
      const seen: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const { body } = await officer.get(`agreements?sort=${sort}&limit=2${cursor ? `&cursor=${cursor}` : ''}`);
        seen.push(...body.items.map(({ id }: { id: string }) => id));
        cursor = body.next;
        if (!cursor) break;
      }
      const { body: whole } = await officer.get(`agreements?sort=${sort}&limit=200`);
      expect(seen).toEqual(whole.items.map(({ id }: { id: string }) => id));
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  it('find what nobody answers for', async () => {
    const { body: drafted } = await draft('orphan');
    const { body } = await officer.get(`agreements?owner=nobody&q=orphan&after=${drafted.position}`);
    expect(body.items).toEqual([expect.objectContaining({ id: 'orphan' })]);
  });

  it('refuse a filter that is none, and say which are', async () => {
    const { status, body } = await officer.get('agreements?kind=signature,unsigned');
    expect(status).toBe(422);
    expect(body.errors[0]).toMatchObject({ field: 'kind.1' });
    expect(JSON.stringify(body.errors)).toContain('ratification');
  });

  it('tell on the board what may be done with each, and what is missing', async () => {
    const { body } = await officer.get('agreements/board?country=SN');
    const [column] = body.columns.filter(({ count }: { count: number }) => count > 0);
    const sign = column.agreements[0].moves.find(({ id }: { id: string }) => id === 'sign');
    expect(sign).toMatchObject({ allowed: false, automatic: true });
    expect(sign.blockedBy.map(({ code }: { code: string }) => code)).toContain('SIGNATURE_MISSING');
  });
});

describe('the exported sheet', () => {
  const fetched = (query: string) =>
    fetch(`${paraphe.url}/api/v1/agreements/export?${query}`, {
      headers: { authorization: `Bearer ${officer.token}` },
    });

  it('has what is shown, in the words of the language, and no formula', async () => {
    const { body } = await draft('formula', { title: '=HYPERLINK("http://evil.example")' });
    const chosen = 'language=en&columns=title,stage,countries&type=protocol&sort=title';
    const response = await fetched(`format=csv&${chosen}&after=${body.position}`);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="agreements.csv"');
    const sheet = Buffer.from(await response.arrayBuffer()).toString();
    const [header, first] = sheet.split('\r\n');
    expect(header).toBe('\uFEFF"Agreement","Stage","Countries"');
    expect(first).toBe('"\'=HYPERLINK(""http://evil.example"")","Identified","MA, TN"');
  });

  it('is a workbook too', async () => {
    const response = await fetched('format=xlsx');
    expect(response.headers.get('content-type')).toContain('spreadsheetml');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
  });

  it('names the columns that there are', async () => {
    const response = await fetched('format=csv&columns=title,colour');
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('signatures');
  });
});

it('the figures add up to the list behind them', async () => {
  const { body: figures } = await officer.get('agreements/figures');
  const { body: facets } = await officer.get('agreements/facets');
  const sum = (counts: { count: number }[]) => counts.reduce((total, { count }) => total + count, 0);
  expect(sum(figures.byStage)).toBe(facets.total);
  expect(figures.byCountry).toContainEqual({ country: 'BE', count: 1, pending: 0, active: 1 });
  expect(figures.byCountry.map(({ country }: { country: string }) => country)).not.toContain('MA');
  const pending = facets.kind.filter(
    ({ value }: { value: string }) => !['active', 'ended', 'suspended'].includes(value),
  );
  expect(sum(figures.ageing)).toBe(sum(pending));
  expect(figures.signaturesPerMonth).toHaveLength(24);
  expect(figures.signaturesPerMonth.at(-1).month).toBe(DAY.slice(0, 7));
});

it('the days spent in a stage are counted where both ends are known to the day', async () => {
  await draft('stays', { effectiveOn: '2026-01-01', owner: 'demo-officer' });
  const { body } = await officer.get('agreements/stays');
  const way = body.allowedTransitions.find(
    (one: { allowed: boolean; reasonRequired: boolean }) => one.allowed && !one.reasonRequired,
  );
  const { body: made } = await officer.post(`agreements/stays/transitions/${way.id}`, { effectiveOn: '2026-01-31' });
  const { body: figures } = await officer.get(`agreements/figures?type=protocol&after=${made.position}`);
  const stay = figures.perStage.find(({ stage }: { stage: { id: string } }) => stage.id === body.stage.id);
  expect(stay).toMatchObject({ stays: 1, median: 30, lower: 30, upper: 30, recent: 30 });
});

describe('the agenda', () => {
  it('has what waits for a user: what is owned and late, and visas of the user’s role', async () => {
    const { body } = await officer.get('agenda');
    expect(body.today).toBe(DAY);
    const late = body.items.filter(({ isOver }: { isOver: boolean }) => isOver);
    expect(late.map(({ subject }: { subject: { id: string } }) => subject.id)).toContain('sd-migration');
    expect(body.items.every(({ isMine }: { isMine: boolean }) => isMine)).toBe(true);

    await officer.post('agreements', {
      id: 'visa',
      title: 'Convention au visa',
      type: 'specific-convention',
      owner: 'demo-officer',
      parties: [{ organisation: 'ma' }, { organisation: 'tn' }],
    });
    await officer.post('agreements/visa/documents', { document: 'draft', title: 'Projet' });
    const { body: submitted } = await officer.post('agreements/visa/transitions/submit', {});
    const approver = await paraphe.as(APPROVER);
    const visaOf = async (user: ApiUser) =>
      (await user.get(`agenda?after=${submitted.position}`)).body.items.filter(
        ({ subject, occasion }: { subject: { id: string }; occasion: string }) =>
          subject.id === 'visa' && occasion === 'visa',
      );
    expect(await visaOf(approver)).toMatchObject([
      { isDated: false, sentence: { en: expect.stringContaining('legal') } },
    ]);
    expect(await visaOf(officer)).toEqual([]);
  });

  it('has what falls on the days of a period, of everything that is under way', async () => {
    await officer.post('agreements/sn-migration/follow-ups', {
      id: 'note',
      task: 'Écrire une note',
      dueOn: '2027-02-10',
    });
    const dated = async (period: string) =>
      (await officer.get(`agenda?scope=all&${period}`)).body.items.filter(
        ({ isDated, subject }: { isDated: boolean; subject: { id: string } }) =>
          isDated && subject.id === 'sn-migration',
      );
    expect(await dated('from=2027-02-01&until=2027-02-28')).toMatchObject([
      { occasion: 'follow-up', day: '2027-02-10' },
    ]);
    expect(await dated('from=2027-03-01&until=2027-03-31')).toEqual([]);
    expect(await dated('from=2027-02-01&until=2027-02-28&country=SN')).toHaveLength(1);
    expect(await dated('from=2027-02-01&until=2027-02-28&country=TN,EG')).toEqual([]);
  });
});

describe('the log as a story', () => {
  it('has what happened to everything, the latest first, with the names of what it mentions', async () => {
    const { body } = await officer.get('audit/events?category=agreement,project&type=AgreementSigned');
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({
      subject: 'be-migration-2018',
      title: expect.stringContaining('maroco-belge'),
    });
    // Whether a reminder had been planned by then is a matter of moments.
    const consequences: { category: string; type: string }[] = body.items[0].consequences;
    expect(consequences.filter(({ category }) => category !== 'reminder').map(({ type }) => type)).toEqual([
      'ProjectStarted',
      'ProjectStarted',
    ]);
    const { body: signatures } = await officer.get('audit/events?type=SignatureRecorded&subject=be-migration-2018');
    expect(signatures.names.be).toBe('Royaume de Belgique');
  });

  it('is narrowed to a user and a period, and goes on from page to page', async () => {
    let last = '0';
    for (const id of ['told-1', 'told-2', 'told-3']) last = (await draft(id)).body.position;
    await officer.get(`agreements?after=${last}`);
    const { body: mine } = await officer.get('audit/events?actor=demo-officer&limit=2');
    expect(mine.items.every(({ actor }: { actor: { id: string } }) => actor.id === 'demo-officer')).toBe(true);
    const { body: next } = await officer.get(`audit/events?actor=demo-officer&limit=2&cursor=${mine.next}`);
    expect(BigInt(next.items[0].position)).toBeLessThan(BigInt(mine.items[1].position));
    const { body: none } = await officer.get('audit/events?until=2026-11-01');
    expect(none.items).toEqual([]);
    expect((await officer.get('audit/events?from=yesterday')).status).toBe(422);
  });
});

describe('the feed', () => {
  /** Reads server-sent events until one is about a subject. */
  async function until(
    subject: string,
    headers: Record<string, string>,
  ): Promise<{ id: string; data: Record<string, string> }> {
    const stopping = new AbortController();
    const response = await fetch(`${paraphe.url}/api/v1/feed`, {
      headers: { authorization: `Bearer ${officer.token}`, ...headers },
      signal: stopping.signal,
    });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (const block of text.split('\n\n').slice(0, -1)) {
        const id = /^id: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (!id || !data || JSON.parse(data).subject !== `agreement/${subject}`) continue;
        stopping.abort();
        return { id, data: JSON.parse(data) };
      }
    }
    throw new Error('The feed ended.');
  }

  it('tells what happens as it happens, once the read models have it, and goes on after an interruption', async () => {
    const { body: earlier } = await draft('earlier-feed');
    const { body: before } = await draft('before-feed');
    const told = await until('before-feed', { 'last-event-id': earlier.position });
    expect(told).toMatchObject({
      id: before.position,
      data: {
        type: 'paraphe.agreement.agreement-drafted.v1',
        actor: 'demo-officer',
        data: { title: expect.any(String) },
      },
    });
    const [live] = await Promise.all([until('during-feed', { 'last-event-id': told.id }), draft('during-feed')]);
    expect(live.data.type).toBe('paraphe.agreement.agreement-drafted.v1');
  });

  it('is for those who are signed in', async () => {
    expect((await fetch(`${paraphe.url}/api/v1/feed`)).status).toBe(401);
  });
});

describe('documents', () => {
  const send = (method: string, path: string, body?: Buffer, token = officer.token) =>
    fetch(`${paraphe.url}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      ...(body && { body: new Uint8Array(body) }),
    });

  it('are kept under their SHA-256, outlive the server, and are shown without running anything', async () => {
    const pdf = Buffer.from('%PDF-1.4 the text of a convention');
    const sha256 = createHash('sha256').update(pdf).digest('hex');
    expect(await (await send('POST', 'documents', pdf)).json()).toEqual({ sha256, size: pdf.length });
    await paraphe.stop();
    await paraphe.start();
    officer = await paraphe.as(OFFICER);
    const response = await send('GET', `documents/${sha256}?name=Convention%20sign%C3%A9e.pdf`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(pdf);
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('content-disposition')).toBe("inline; filename*=UTF-8''Convention%20sign%C3%A9e.pdf");
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('that a browser would run are only saved', async () => {
    const html = Buffer.from('<script>alert(1)</script>');
    const { sha256 } = (await (await send('POST', 'documents', html)).json()) as { sha256: string };
    const response = await send('GET', `documents/${sha256}`);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/);
  });

  it('are refused when they are empty, and when it is not a desk’s user who sends them', async () => {
    expect(await (await send('POST', 'documents', Buffer.alloc(0))).json()).toMatchObject({ code: 'DOCUMENT.EMPTY' });
    expect((await officer.post('documents', { text: 'no bytes' })).status).toBe(422);
    const none = '0'.repeat(64);
    expect((await send('GET', `documents/${none}`)).status).toBe(404);
    const attached = { document: 'draft', title: 'Projet', sha256: none };
    expect(await officer.post('agreements/sn-migration/documents', attached)).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'sha256', rule: 'reference', message: `there is no document '${none}'` }] },
    });
    expect((await send('GET', 'documents/..%2F..%2Finstance.key')).status).toBe(404);
  });
});

it('a project is shown as it was known at a moment, and drawn with its phases and milestones', async () => {
  const { body: started } = await officer.get('projects/mbi');
  expect(started.status).toBe('implementation');
  const { body: history } = await officer.get('projects/mbi/history');
  const first = history.items.at(-1).recordedAt;
  const { body: then } = await officer.get(`projects/mbi?asOf=${first}`);
  expect(then.phases).toHaveLength(3);
  expect((await officer.get('projects/mbi?asOf=1999-01-01')).status).toBe(404);
  const { body: drawn } = await officer.get('projects/timeline?ids=mbi,amuddu');
  expect(drawn.items.map(({ id }: { id: string }) => id).sort()).toEqual(['amuddu', 'mbi']);
  const { body: figures } = await officer.get('projects/figures');
  expect(figures).toMatchObject({ overdue: 4, dropped: 0 });
});

it('the queue is counted for administrators alone', async () => {
  const admin = await paraphe.as(ADMIN);
  await eventually(
    async () => (await admin.get('queues/reminders')).status,
    (status) => status === 200,
  );
  expect((await officer.get('queues/reminders')).status).toBe(403);
});

it('every read can be asked to wait for a position', async () => {
  const { body } = await draft('waited-for');
  const reads = [
    'reminders/preview?days=7&',
    'lifecycles?',
    'preferences?',
    'calendars/MA?',
    'users?',
    'audit/events?',
  ];
  for (const read of reads)
    expect({ read, status: (await officer.get(`${read}after=${body.position}`)).status }).toEqual({
      read,
      status: 200,
    });
});
