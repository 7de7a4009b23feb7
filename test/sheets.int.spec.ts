import { request } from 'node:http';
import { strToU8, Zip, ZipDeflate, zipSync } from 'fflate';
import { readXlsx, writeXlsx } from 'hucre/xlsx';
import { type ApiUser, eventually, OFFICER, Paraphe, READER } from './support/paraphe.js';
import { oneIn } from './support/sample.js';

/** Sheets in and out, over HTTP; workbooks are made and read by another program's hand (hucre). */

const long = oneIn(4);

let paraphe: Paraphe;
let officer: ApiUser;
let reader: ApiUser;

beforeAll(async () => {
  paraphe = await Paraphe.start();
  [officer, reader] = (await Promise.all([paraphe.as(OFFICER), paraphe.as(READER)])) as [ApiUser, ApiUser];
});
afterAll(() => paraphe.remove());

interface Upload {
  id: string;
  state: string;
  failure?: string;
  code?: string;
  detail?: string;
  headings: string[];
  samples: string[][];
  source: { encoding?: string; delimiter?: string };
  proposals: {
    kind: string;
    columns: Record<string, number>;
    aliases: Record<string, string>;
    isRemembered: boolean;
  }[];
  outcome?: {
    counts: Record<string, number>;
    unknown: { register: string; text: string; suggestion?: { id: string; name: string } }[];
    position?: string;
  };
  dates: { text: string; edtf: string; phrase: string; isDoubtful: boolean }[];
}

async function send(content: Uint8Array | string, name = 'suivi.csv', user = officer) {
  const response = await fetch(`${paraphe.url}/api/v1/uploads?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/octet-stream' },
    body: content as never,
  });
  return { status: response.status, upload: (await response.json()) as Upload };
}

async function settled(id: string): Promise<Upload> {
  const { body } = await eventually(
    () => officer.get<Upload>(`uploads/${id}`),
    ({ body: { state } }) => !/ing$/.test(state),
  );
  if (body.state === 'failed') throw new Error(body.failure);
  return body;
}

/** Sends a sheet and has it looked through as proposed. */
async function checked(
  content: Uint8Array | string,
  changes: { kind?: string; aliases?: Record<string, string> } = {},
) {
  const { upload } = await send(content);
  const proposal = upload.proposals.find(({ kind }) => kind === (changes.kind ?? upload.proposals[0]!.kind))!;
  const body = { kind: proposal.kind, columns: proposal.columns, aliases: changes.aliases ?? {} };
  const answer = await officer.post(`uploads/${upload.id}/check`, body);
  expect([answer.status, answer.body]).toEqual([202, expect.anything()]);
  return settled(upload.id);
}

async function imported(content: Uint8Array | string, changes: Parameters<typeof checked>[1] = {}, consent = {}) {
  const { id } = await checked(content, changes);
  const answer = await officer.post(`uploads/${id}/import`, consent);
  expect([answer.status, answer.body.detail, answer.status === 202 || (await messagesOf(id))]).toEqual([
    202,
    undefined,
    true,
  ]);
  return settled(id);
}

const rowsOf = async (id: string) => (await officer.get(`uploads/${id}/rows?limit=500`)).body.items;
const messagesOf = async (id: string) =>
  (await rowsOf(id)).map(
    ({ line, fate, problems }: { line: number; fate: string; problems: { column: string; message: string }[] }) => ({
      line,
      fate,
      problems: problems.map(({ column, message }) => `${column}: ${message}`),
    }),
  );

async function exported(kind: string, query = 'format=csv') {
  const response = await fetch(`${paraphe.url}/api/v1/sheets/${kind}?${query}`, {
    headers: { authorization: `Bearer ${officer.token}` },
  });
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

const HEAD = 'Référence;Intitulé;Type;Parties;Étape;Depuis';

describe('a sheet that a desk keeps', () => {
  it('is understood by its headings, looked through, and imported once', async () => {
    const sheet = [
      'Suivi des conventions 2018;;;;;',
      'N°;Objet;Nature;Partenaires;Statut;Signé le',
      'CONV/2016/07;Convention de coopération décentralisée;Convention spécifique;Maroc; ; '.replace(
        /; ;.*/,
        ';Signé;nov. 2016',
      ),
      'CONV/2017/01;Mémorandum sur les semences;Mémorandum d’entente;Maroc;Signé;16 et 17 mars 2017',
      'CONV/2018/02;Accord cadre;Accord-cadre;Maroc;En négociation;2016-2020',
    ].join('\n');
    const done = await checked(sheet);
    expect(done.headings).toEqual(['N°', 'Objet', 'Nature', 'Partenaires', 'Statut', 'Signé le']);
    expect([done.outcome!.counts, await messagesOf(done.id)]).toEqual([
      { new: 3, changed: 0, unchanged: 0, refused: 0 },
      expect.anything(),
    ]);
    expect(done.dates.map(({ text, edtf, phrase }) => [text, edtf, phrase])).toEqual(
      expect.arrayContaining([
        ['nov. 2016', '2016-11', 'novembre 2016'],
        ['16 et 17 mars 2017', '2017-03-16/2017-03-17', '16 mars 2017 – 17 mars 2017'],
        ['2016-2020', '2016/2020', '2016 – 2020'],
      ]),
    );
    expect((await officer.get('agreements/conv-2016-07')).status).toBe(404);

    expect((await officer.post(`uploads/${done.id}/import`)).status).toBe(202);
    const after = await settled(done.id);
    expect([after.state, after.outcome!.counts]).toEqual([
      'imported',
      { new: 3, changed: 0, unchanged: 0, refused: 0 },
    ]);
    const { body } = await officer.get(`agreements/conv-2017-01?after=${after.outcome!.position}`);
    expect(body).toMatchObject({
      title: 'Mémorandum sur les semences',
      type: 'memorandum-of-understanding',
      stage: { id: 'signed', since: { edtf: '2017-03-16/2017-03-17' } },
      source: { document: 'suivi.csv' },
    });
    const again = await imported(sheet);
    expect(again.outcome!.counts).toEqual({ new: 0, changed: 0, unchanged: 3, refused: 0 });
    expect(again.proposals[0]).toMatchObject({ kind: 'agreements', isRemembered: true });
    const [first] = (await officer.get('agreements/conv-2017-01/history')).body.items;
    expect(first).toMatchObject({ type: 'AgreementDrafted', source: { kind: 'import', line: 4 } });
  });

  it('changes what a sheet may change, and names what it may not', async () => {
    await imported(`${HEAD}\nx-1;Premier titre;Accord de coopération;Maroc;En négociation;2018`);
    const changed = await imported(`${HEAD}\nx-1;Second titre;Accord de coopération;Maroc;En négociation;2018`);
    expect(changed.outcome!.counts).toMatchObject({ changed: 1 });
    expect((await officer.get(`agreements/x-1?after=${changed.outcome!.position}`)).body.title).toBe('Second titre');
    const fixed = await checked(`${HEAD}\nx-1;Second titre;Accord de coopération;Maroc;Signé;2018`);
    expect(await messagesOf(fixed.id)).toEqual([
      {
        line: 2,
        fate: 'refused',
        problems: [
          'stage: Déjà enregistré comme « En négociation ». Une feuille ne peut pas le changer en « Signé » : faites-le sur sa page.',
        ],
      },
    ]);
  });

  it('says of each cell what is wrong, and suggests the nearest', async () => {
    const done = await checked(
      [
        HEAD,
        'y-1;Accord A;Accord de coopération;Maroc;Sénégal;',
        'y-1;Accord B;Accord de coopération;Maroc;Signé;2018',
        'y-2;Accord C;Traitté;Royaume du Marroc;Signé;bientôt',
        ';;Accord de coopération;Maroc;Signé;2018',
        'y-3;Accord D;Accord de coopération;Maroc;Signé;2099-01-01',
      ].join('\n'),
    );
    expect(await messagesOf(done.id)).toEqual([
      { line: 2, fate: 'refused', problems: [expect.stringMatching(/^stage: « Sénégal » n’est pas prévu ici/)] },
      { line: 3, fate: 'refused', problems: ['reference: La référence « y-1 » figure déjà à la ligne 2.'] },
      {
        line: 4,
        fate: 'refused',
        problems: [
          expect.stringMatching(/^type: « Traitté » n’est pas prévu ici/),
          expect.stringMatching(/^parties: « Royaume du Marroc » n’est pas connu. Vouliez-vous dire « .*Maroc.* » \?$/),
          expect.stringMatching(/^since: « bientôt » n’est pas une date/),
        ],
      },
      { line: 5, fate: 'refused', problems: ['title: Cette cellule est obligatoire.'] },
      {
        line: 6,
        fate: 'refused',
        problems: [
          expect.stringMatching(/^stage: Le parcours/),
          'since: « 2099-01-01 » est dans le futur : ce qui n’a pas encore eu lieu ne peut pas être enregistré.',
        ],
      },
    ]);
    expect(done.outcome!.unknown).toEqual([
      {
        register: 'organisations',
        text: 'Royaume du Marroc',
        count: 1,
        suggestion: { id: 'ma', name: expect.any(String) },
      },
    ]);
    const refused = await officer.post(`uploads/${done.id}/import`);
    expect([refused.status, refused.body.code]).toEqual([409, 'UPLOAD.NOT_READY']);
    const response = await fetch(`${paraphe.url}/api/v1/uploads/${done.id}/annotated`, {
      headers: { authorization: `Bearer ${officer.token}` },
    });
    const [sheet] = (await readXlsx(new Uint8Array(await response.arrayBuffer()))).sheets;
    expect(sheet!.rows[0]!.slice(-2)).toEqual(['Sort de la ligne', 'Remarques']);
    expect(sheet!.rows[2]!.slice(-2)).toEqual(['refusé', 'Référence : La référence « y-1 » figure déjà à la ligne 2.']);
  });

  it('takes a name for what the user says that it means, and remembers that', async () => {
    const sheet = `${HEAD}\nz-1;Accord Z;Accord de coopération;Chérifien;Signé;2018`;
    expect((await checked(sheet)).outcome!.counts.refused).toBe(1);
    const done = await imported(sheet, { aliases: { 'organisations:Chérifien': 'ma' } });
    expect(done.outcome!.counts.new).toBe(1);
    expect((await send(sheet)).upload.proposals[0]!.aliases).toEqual({ 'organisations:Chérifien': 'ma' });
  });

  it('asks before it takes a date that could be another one', async () => {
    const done = await checked(`${HEAD}\nd-1;Accord;Accord de coopération;Maroc;Signé;03/04/2018`);
    expect(done.dates).toEqual([expect.objectContaining({ text: '03/04/2018', edtf: '2018-04-03', isDoubtful: true })]);
    expect((await officer.post(`uploads/${done.id}/import`)).status).toBe(409);
    expect((await officer.post(`uploads/${done.id}/import`, { confirmDates: true })).status).toBe(202);
    expect((await settled(done.id)).state).toBe('imported');
  });

  it('takes another system’s "no date" for none, with a remark, and refuses what lies before the year 1000', async () => {
    const done = await checked(
      `${HEAD}\nnd-1;Accord sans date;Traité;Maroc;En attente de signature;01/01/0001\nbc-1;Accord ancien;Traité;Maroc;En attente de signature;-0044-03-15`,
    );
    expect(await messagesOf(done.id)).toEqual([
      { line: 2, fate: 'new', problems: [expect.stringMatching(/^since: .*« date vide »/)] },
      { line: 3, fate: 'refused', problems: [expect.stringMatching(/^since: .*entre 1000-01-01 et 2999-12-31/)] },
    ]);
  });

  it('leaves out what is refused, when that is wanted', async () => {
    const done = await imported(
      `${HEAD}\nl-1;Accord;Accord de coopération;Maroc;Signé;2018\nl-2;;Accord de coopération;Maroc;Signé;2018`,
      {},
      { leaveOut: true },
    );
    expect(done.outcome!.counts).toMatchObject({ new: 1, refused: 1 });
  });

  it('is for those who keep agreements', async () => {
    expect((await send(HEAD, 'x.csv', reader)).status).toBe(403);
  });
});

describe('an import that is cut off', () => {
  long('is told apart, goes on where it stopped, and leaves each row in once', async () => {
    const other = await Paraphe.start({ PARAPHE_SAMPLE: 'false' });
    const [here, there] = [officer, paraphe.url];
    const ADMINISTRATOR = { email: 'admin@paraphe.local', password: 'a-password-for-tests' };
    try {
      paraphe.url = other.url;
      officer = await other.as(ADMINISTRATOR);
      const rows = Array.from({ length: 5_000 }, (_, n) => `org-${n};Organisation ${n};Agence;Maroc`);
      const { id } = await checked(['Référence;Nom;Nature;Pays', ...rows].join('\n'));
      await officer.post(`uploads/${id}/import`);
      await eventually(
        () => officer.get<Upload & { progress?: { done: number } }>(`uploads/${id}`),
        ({ body }) => (body.progress?.done ?? 0) > 0,
      );
      await other.kill();
      await other.start();
      paraphe.url = other.url;
      officer = await other.as(ADMINISTRATOR);
      const cut = (await officer.get(`uploads/${id}`)).body;
      expect([cut.state, cut.isInterrupted]).toEqual(['importing', true]);
      await officer.post(`uploads/${id}/import`);
      const done = await settled(id);
      const { counts } = done.outcome!;
      expect([done.state, counts.refused, counts.changed, counts.new! + counts.unchanged!]).toEqual([
        'imported',
        0,
        0,
        5_000,
      ]);
      expect(counts.unchanged).toBeGreaterThan(0);
      const text = new TextDecoder().decode(await exported('organisations'));
      expect(text.split('\r\n').length - 2).toBe(5_000);
    } finally {
      paraphe.url = there;
      officer = here;
      await other.remove();
    }
  });
});

describe('what is exported', () => {
  it.each([
    'agreements',
    'projects',
    'milestones',
    'organisations',
    'meetings',
  ])('comes back without loss: %s', async (kind) => {
    for (const [format, language] of [
      ['csv', 'fr'],
      ['xlsx', 'ar'],
      ['xlsx', 'en'],
    ]) {
      const sheet = await exported(kind, `format=${format}&language=${language}`);
      const done = await checked(sheet, { kind });
      const rows = await messagesOf(done.id);
      expect(rows.filter(({ fate }: { fate: string }) => fate !== 'unchanged')).toEqual([]);
      expect(rows.length).toBeGreaterThan(3);
    }
  });

  long('makes the same again in another instance', async () => {
    const other = await Paraphe.start({ PARAPHE_SAMPLE: 'false' });
    const [here, there] = [officer, paraphe.url];
    const texts = new Map<string, string>();
    const text = async (kind: string) => new TextDecoder().decode(await exported(kind));
    for (const kind of ['organisations', 'agreements', 'projects', 'milestones']) texts.set(kind, await text(kind));
    try {
      paraphe.url = other.url;
      officer = await other.as({ email: 'admin@paraphe.local', password: 'a-password-for-tests' });
      // Owners and programmes are not among what sheets hold.
      for (const [kind, sheet] of texts) {
        const known = kind === 'projects' || kind === 'agreements';
        const done = await imported(
          known ? withoutColumns(sheet, ['Programme', 'Accord', 'Responsable', 'Fait suite à']) : sheet,
          { kind },
          { leaveOut: true, confirmDates: true },
        );
        expect(await messagesOf(done.id)).not.toContainEqual(expect.objectContaining({ fate: 'refused' }));
        await other.as({ email: 'admin@paraphe.local', password: 'a-password-for-tests' });
        await officer.get(`agreements?after=${done.outcome!.position}`);
      }
      const columns = ['Programme', 'Accord', 'Responsable', 'Fait suite à'];
      for (const [kind, sheet] of texts)
        expect([kind, withoutColumns(await text(kind), columns)]).toEqual([kind, withoutColumns(sheet, columns)]);
    } finally {
      paraphe.url = there;
      officer = here;
      await other.remove();
    }
  });

  it('escapes what a spreadsheet would run', async () => {
    await imported(`${HEAD}\nf-1;"=HYPERLINK(""http://evil.example"";""x"")";Accord de coopération;Maroc;Signé;2018`);
    const csv = new TextDecoder().decode(await exported('agreements'));
    expect(csv).toContain(`"'=HYPERLINK(""http://evil.example"";""x"")"`);
    const [sheet] = (await readXlsx(await exported('agreements', 'format=xlsx'))).sheets;
    expect(sheet!.rows.find(([id]) => id === 'f-1')![1]).toBe('=HYPERLINK("http://evil.example";"x")');
    expect([...(sheet!.cells?.values() ?? [])].filter((cell) => cell.formula)).toEqual([]);
    const back = await checked(csv);
    expect(back.outcome!.counts).toMatchObject({ new: 0, changed: 0, refused: 0 });
  });
});

describe('a sheet as programs write them', () => {
  const sheet = `${HEAD}\ne-1;Accord été à l’œuvre;Accord de coopération;Maroc;Signé;1er août 2018`;
  const windows1252 = Buffer.from(sheet.replace('’', "'").replace('œ', 'oe'), 'latin1');
  it.each([
    ['utf-8', Buffer.from(`\uFEFF${sheet}`)],
    ['utf-16le', Buffer.from(`\uFEFF${sheet}`, 'utf16le')],
    ['utf-16be', Buffer.from(sheet, 'utf16le').swap16()],
    ['windows-1252', windows1252],
  ])('is read in %s', async (encoding, bytes) => {
    const { upload } = await send(bytes);
    expect(upload.source.encoding).toBe(encoding);
    expect(upload.headings[0]).toBe('Référence');
    expect(upload.samples[0]![5]).toBe('1er août 2018');
  });

  it('is read in Arabic, in the code page of Windows', async () => {
    const letters: Record<string, number> = { ا: 0xc7, ل: 0xe1, م: 0xe3, ر: 0xd1, ج: 0xcc, ع: 0xda, ن: 0xe4, و: 0xe6 };
    const text = 'المرجع;العنوان\n1;المعمل\n';
    const { upload } = await send(Buffer.from([...text].map((letter) => letters[letter] ?? letter.charCodeAt(0))));
    expect([upload.source.encoding, upload.headings[0]]).toEqual(['windows-1256', 'المرجع']);
    const { body } = await officer.send<Upload>('PATCH', `uploads/${upload.id}`, { encoding: 'windows-1252' }, {});
    expect(body.headings[0]).not.toBe('المرجع');
  });

  it('may have merged cells, formulas, days as days, and several sheets', async () => {
    const workbook = await writeXlsx({
      sheets: [
        { name: 'Notes', rows: [['rien ici']] },
        {
          name: 'Conventions',
          rows: [
            ['Référence', 'Intitulé', 'Type', 'Parties', 'Étape', 'Depuis'],
            ['m-1', 'Accord un', 'Accord de coopération', 'Maroc', 'Signé', new Date(Date.UTC(2018, 2, 15))],
            ['m-2', 'Accord deux', 'Accord de coopération', null, 'Signé', new Date(Date.UTC(2018, 2, 16))],
            ['m-3', null, 'Accord de coopération', 'Maroc', 'Signé', '2018'],
          ],
          merges: [{ startRow: 1, startCol: 3, endRow: 2, endCol: 3 }],
          cells: new Map([['3,1', { formula: 'CONCATENATE("a","b")' }]]),
        },
      ],
    } as never);
    const { upload } = await send(workbook, 'suivi.xlsx');
    const { body } = await officer.send<Upload>('PATCH', `uploads/${upload.id}`, { sheet: 'Conventions' }, {});
    const { columns } = body.proposals[0]!;
    await officer.post(`uploads/${upload.id}/check`, { kind: 'agreements', columns });
    await settled(upload.id);
    expect(await messagesOf(upload.id)).toEqual([
      { line: 2, fate: 'new', problems: [expect.stringMatching(/^stage: /)] },
      {
        line: 3,
        fate: 'new',
        problems: [
          'parties: Cellule fusionnée (D2:D3) : la valeur « Maroc » a été prise pour chaque ligne.',
          expect.stringMatching(/^stage: /),
        ],
      },
      {
        line: 4,
        fate: 'refused',
        problems: [expect.stringMatching(/^title: Cette cellule est une formule sans résultat/)],
      },
    ]);
    const unknown = await officer.send<Upload>('PATCH', `uploads/${upload.id}`, { sheet: 'Absente' }, {});
    expect([unknown.status, unknown.body.detail]).toEqual([422, expect.stringContaining('Notes, Conventions')]);
  });
});

describe('a file that is dangerous or none', () => {
  const workbookWith = (part: string) =>
    zipSync({
      '[Content_Types].xml': strToU8('<Types/>'),
      'xl/workbook.xml': strToU8(
        '<workbook xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
      ),
      'xl/_rels/workbook.xml.rels': strToU8(
        '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
      ),
      'xl/worksheets/sheet1.xml': strToU8(part),
    });

  /** A few hundred kilobytes that unpack to more than half a gigabyte. */
  function bomb(): Uint8Array {
    const pieces: Uint8Array[] = [];
    const zip = new Zip((_error, piece) => pieces.push(piece));
    const part = new ZipDeflate('xl/worksheets/sheet1.xml', { level: 9 });
    zip.add(part);
    const zeros = new Uint8Array(16 * 1024 * 1024);
    for (let n = 0; n < 33; n++) part.push(zeros.slice());
    part.push(new Uint8Array(), true);
    zip.end();
    return Buffer.concat(pieces);
  }

  it.each([
    ['an empty one', Buffer.alloc(0), 422, 'empty'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 415, 'PDF'],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 415, '.xls'],
    ['a web page that calls itself a sheet', Buffer.from('<html><table></table></html>'), 415, 'web page'],
    ['a picture', Buffer.from('89504e470d0a1a0a00000000', 'hex'), 415, 'neither CSV nor'],
    ['another archive', Buffer.from(zipSync({ 'a.txt': strToU8('a') })), 415, 'no workbook'],
    ['half a workbook', Buffer.from(workbookWith('<worksheet/>')).subarray(0, 200), 422, 'damaged'],
    [
      'one with entities',
      Buffer.from(workbookWith('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>')),
      422,
      'entities',
    ],
  ])('is refused with a sentence: %s', async (_name, bytes, status, words) => {
    const answer = await send(bytes);
    expect([answer.status, answer.upload.detail]).toEqual([status, expect.stringContaining(words)]);
  });

  long('is refused where it unpacks to more than it may', async () => {
    const bytes = bomb();
    expect(bytes.length).toBeLessThan(2_000_000);
    const answer = await send(bytes);
    expect([answer.status, answer.upload.detail]).toEqual([413, expect.stringContaining('512 MB')]);
  });

  it('is refused where it is announced with two gigabytes', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request(
        `${paraphe.url}/api/v1/uploads`,
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${officer.token}`,
            'content-type': 'application/octet-stream',
            'content-length': String(2 ** 31),
          },
        },
        (response) => {
          resolve(response.statusCode);
          sending.destroy();
        },
      );
      sending.once('error', reject);
      sending.write('Référence;Intitulé\n');
    });
    expect(status).toBe(413);
  });

  it('names what a check lacks', async () => {
    const { upload } = await send(`${HEAD}\n1;a;Accord de coopération;Maroc;Signé;2018`);
    const answer = await officer.post(`uploads/${upload.id}/check`, {
      kind: 'agreements',
      columns: { title: 1, colour: 2, type: 99 },
    });
    expect([answer.status, answer.body.errors.map(({ field }: { field: string }) => field)]).toEqual([
      422,
      ['columns.parties', 'columns.colour', 'columns.type'],
    ]);
    expect((await officer.get('uploads/nothing')).status).toBe(404);
    expect((await officer.get('uploads/..%2f..%2fevents')).status).toBe(404);
  });
});

/** The sheet without some columns; no cell of it has a comma or a line break within quotes in a way that matters here. */
function withoutColumns(csv: string, headings: string[]): string {
  const rows = [...csv.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/g)].reduce<string[][]>(
    (all, [, cell, end]) => {
      all.at(-1)!.push(cell!);
      if (end === '\r\n') all.push([]);
      return all;
    },
    [[]],
  );
  const out = rows[0]!.flatMap((heading, at) => (headings.includes(heading) ? [at] : []));
  return rows
    .filter(({ length }) => length > 0)
    .map((row) => `${row.flatMap((cell, at) => (out.includes(at) ? [] : [`"${cell}"`])).join(',')}\r\n`)
    .join('');
}
