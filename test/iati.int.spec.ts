import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateXML } from 'xmllint-wasm';
import { type ApiUser, OFFICER, Paraphe, READER } from './support/paraphe.js';

/** IATI 2.03 out and in, checked by the standard's own schemas (libxml2). */

const SCHEMAS = process.env.IATI_SCHEMA_DIR ?? '../shared/standards/iati-2.03';
const PUBLISHER = 'ref=MA-GOV-MCMREAM&name=Minist%C3%A8re%20charg%C3%A9%20des%20MRE';
/** The schemas are the standard's, not ours; https://github.com/IATI/IATI-Schemas/tree/version-2.03 has them. */
const withSchemas = existsSync(SCHEMAS) ? it : it.skip;

let paraphe: Paraphe;
let officer: ApiUser;

beforeAll(async () => {
  paraphe = await Paraphe.start();
  officer = await paraphe.as(OFFICER);
});
afterAll(() => paraphe.remove());

async function xml(path: string, at = paraphe): Promise<string> {
  const response = await fetch(`${at.url}/api/v1/iati/${path}`, {
    headers: { authorization: `Bearer ${officer.token}` },
  });
  expect(response.status).toBe(200);
  return response.text();
}

async function defects(text: string, schema: string): Promise<string[]> {
  const file = (name: string) => ({ fileName: name, contents: readFileSync(join(SCHEMAS, name), 'utf8') });
  const { errors } = await validateXML({
    xml: [{ fileName: 'told.xml', contents: text }],
    schema: [file(schema)],
    preload: [file('iati-common.xsd'), file('xml.xsd')],
  });
  return errors.map(({ message }) => message);
}

const send = (text: string, query = '', user = officer) =>
  user.send<{
    applied: number;
    unchanged: number;
    refused: number;
    rows: unknown[];
    code?: string;
    errors?: { rule: string; line: number; field: string }[];
  }>('POST', `iati/imports?${query}`, text, { 'content-type': 'application/xml' });

describe('what is told', () => {
  withSchemas('is valid by the schema of the standard', async () => {
    const text = await xml(`activities.xml?${PUBLISHER}`);
    expect(text.match(/<iati-activity /g)!.length).toBeGreaterThan(2);
    expect(await defects(text, 'iati-activities-schema.xsd')).toEqual([]);
    expect(await defects(await xml(`organisations.xml?${PUBLISHER}`), 'iati-organisations-schema.xsd')).toEqual([]);
    // The check can fail.
    expect(
      await defects(text.replace('<activity-status', '<activity-state'), 'iati-activities-schema.xsd'),
    ).not.toEqual([]);
  });

  it('has what is known of a project, and makes nothing up', async () => {
    const text = await xml(`activities.xml?${PUBLISHER}&project=mbi`);
    expect(text).toContain('<iati-identifier>MA-GOV-MCMREAM-mbi</iati-identifier>');
    expect(text).toContain('<activity-status code="2"/>');
    expect(text).toMatch(/<activity-date type="2" iso-date="2018-03-15"\/>/);
    expect(text).toMatch(/<participating-org role="1" type="\d\d">\s*<narrative>/);
    const all = await xml(`activities.xml?${PUBLISHER}`);
    const leftOut =
      /Left out, for no date is known or the record cannot be read: ([^>]*) -->/.exec(all)?.[1]?.split(' ') ?? [];
    for (const project of leftOut) expect(all).not.toContain(`>MA-GOV-MCMREAM-${project}<`);
  });

  it('wants to know who publishes', async () => {
    const answer = await officer.get('iati/activities.xml?ref=nobody');
    expect([answer.status, answer.body.errors.map(({ field }: { field: string }) => field).sort()]).toEqual([
      422,
      ['name', 'ref'],
    ]);
  });
});

describe('what others tell', () => {
  it('comes in once, after a dry run that changes nothing', async () => {
    const other = await Paraphe.start({ PARAPHE_SAMPLE: 'false' });
    const here = officer;
    try {
      const text = await xml(`activities.xml?${PUBLISHER}`);
      officer = await other.as({ email: 'admin@paraphe.local', password: 'a-password-for-tests' });
      const dry = await send(text, 'dryRun=true&name=partner.xml');
      expect([dry.status, dry.body.refused]).toEqual([200, 0]);
      expect((await officer.get('projects')).body.items).toEqual([]);
      const real = await send(text, 'name=partner.xml');
      expect([real.body.applied, real.body.refused]).toEqual([dry.body.applied, 0]);
      const again = await send(text, 'name=partner.xml');
      // The organisations that it made are on record by then, and not made again.
      expect([again.body.applied, again.body.refused]).toEqual([0, 0]);
      await officer.get(`projects?after=${(real.body as never as { position: string }).position}`);
      // What was told comes out again as it came in, but for who funds without an amount, and documents.
      const back = await xml(`activities.xml?${PUBLISHER}`, other);
      const kept = (told: string) =>
        [
          ...told.matchAll(
            /<iati-identifier>([^<]*)<|<activity-date ([^>]*)|<activity-status ([^>]*)|<title>\s*<narrative>([^<]*)/g,
          ),
        ].map(([found]) => found.replace(/\s+/g, ' '));
      expect(kept(back)).toEqual(kept(text));
    } finally {
      officer = here;
      await other.remove();
    }
  });

  const activity = (inside: string) =>
    `<?xml version="1.0"?>\n<iati-activities version="2.03">\n<iati-activity><iati-identifier>XM-DAC-1-P1</iati-identifier>${inside}</iati-activity></iati-activities>`;

  it.each([
    [
      'a bomb of entities',
      '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY c "&b;&b;">]><iati-activities>&c;</iati-activities>',
      'entities',
    ],
    [
      'an external entity',
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><iati-activities>&b;</iati-activities>',
      'entities',
    ],
    ['what is not well-formed', '<iati-activities><iati-activity></iati-activities>', 'well-formed'],
    ['another document', '<html/>', 'root'],
    ['an empty one', ' ', 'well-formed'],
    ['what is nested too deep', `<iati-activities>${'<a>'.repeat(50)}`, 'depth'],
  ])('is refused with the line: %s', async (_name, text, rule) => {
    const { status, body } = await send(text);
    expect([status, body.code, body.errors![0]]).toEqual([
      422,
      'IMPORT.FILE_REFUSED',
      expect.objectContaining({ rule, line: expect.any(Number) }),
    ]);
  });

  it('names the activity and the field that cannot be kept, and imports nothing', async () => {
    const { status, body } = await send(
      activity('<title><narrative></narrative></title><recipient-country code="Morocco"/>'),
    );
    expect([status, body.errors!.map(({ field }) => field).sort()]).toEqual([
      422,
      ['XM-DAC-1-P1.countries.0', 'XM-DAC-1-P1.title'],
    ]);
    expect((await send(activity(''), '', await paraphe.as(READER))).status).toBe(403);
    expect((await officer.send('POST', 'iati/imports', '{}', { 'content-type': 'application/json' })).status).toBe(415);
  });

  it('is kept with its places, milestones and money', async () => {
    const { body } = await send(
      activity(`<title><narrative>Eau potable</narrative></title>
        <participating-org role="4" type="22" ref="FR-1"><narrative>Association Eau</narrative></participating-org>
        <activity-status code="2"/><activity-date type="2" iso-date="2019-05-01"/><recipient-country code="MA"/>
        <location><name><narrative>Agadir</narrative></name><point srsName="x"><pos>30.42 -9.6</pos></point></location>
        <transaction><transaction-type code="11"/><transaction-date iso-date="2019-05-01"/><value currency="EUR" value-date="2019-05-01">1200.50</value><provider-org type="10"><narrative>Ville de Nantes</narrative></provider-org></transaction>
        <result type="1"><title><narrative>Forage</narrative></title><indicator measure="5"><title><narrative>Forage</narrative></title><period><period-start iso-date="2020-01-01"/><period-end iso-date="2020-06-30"/></period></indicator></result>`),
    );
    expect([body.code, body.refused]).toEqual([undefined, 0]);
    const { position } = body as never as { position: string };
    const project = (await officer.get(`projects/xm-dac-1-p1?after=${position}`)).body;
    expect(project).toMatchObject({ title: 'Eau potable', status: 'implementation' });
    expect(JSON.stringify(project)).toContain('Association Eau');
    expect(JSON.stringify(project)).toContain('1200.50');
    // Names in another script, and nearly the same ones, are told apart or taken together.
    const arabic = await send(
      activity(`<title><narrative>ماء</narrative></title><activity-status code="1"/>
        <participating-org role="4" type="22"><narrative>جمعية الماء</narrative></participating-org>
        <participating-org role="3" type="22"><narrative>جمعية الأرض</narrative></participating-org>
        <participating-org role="1" type="22"><narrative>Association Èau</narrative></participating-org>
        <participating-org role="2" type="22"><narrative>Association Eau!</narrative></participating-org>`).replace(
        'P1',
        'P2',
      ),
    );
    expect([arabic.body.code, arabic.body.refused]).toEqual([undefined, 0]);
    const told = await xml(`activities.xml?${PUBLISHER}&project=xm-dac-1-p1`);
    expect(told).toContain('<pos>30.42 -9.6</pos>');
    expect(told).toContain('2020-06-30');
  });
});
