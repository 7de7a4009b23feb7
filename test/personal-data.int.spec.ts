import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { forge } from './support/forger.js';
import { ADMIN, type ApiUser, AUDITOR, eventually, Paraphe, READER } from './support/paraphe.js';
import { oneIn } from './support/sample.js';

const long = oneIn(3);

const PASSWORD = 'un-mot-de-passe-long';
/** Whose name and address are looked for wherever they should not be. */
const ZINEB = { name: 'Zineb El Introuvable', email: 'zineb.introuvable@demo.example', password: PASSWORD };
/** Who is erased. */
const GHITA = { name: 'Ghita El Invisible', email: 'ghita.invisible@demo.example', password: PASSWORD };

let paraphe: Paraphe;
let admin: ApiUser;
let auditor: ApiUser;
let reader: ApiUser;

/** Every file of the data folder in which a text stands, the database's own included. */
function filesWith(text: string): string[] {
  return (
    readdirSync(paraphe.folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name))
      // PostgreSQL's journal is written over in its own time.
      .filter((path) => !path.includes('/pg_wal/'))
      .filter((path) => readFileSync(path).includes(text))
  );
}

beforeAll(async () => {
  paraphe = await Paraphe.start();
  [admin, auditor, reader] = (await Promise.all([ADMIN, AUDITOR, READER].map((user) => paraphe.as(user)))) as [
    ApiUser,
    ApiUser,
    ApiUser,
  ];
});
afterAll(() => paraphe.remove());

/** Registers an officer who writes a note about an agreement; says under which id. */
async function arrived(person: typeof ZINEB, agreement: string): Promise<string> {
  const { status, body } = await admin.post('users', { ...person, roles: ['officer'] });
  expect(status).toBe(201);
  const officer = await paraphe.as(person);
  const note = await officer.post(`agreements/${agreement}/notes`, { text: 'Appelé l’ambassade' });
  expect(note.status).toBe(201);
  await reader.get(`agreements/${agreement}/history?after=${note.body.position}`);
  return body.id;
}

describe('a person’s name and contacts', () => {
  const { name, email } = ZINEB;
  let id: string;
  beforeAll(async () => {
    id = await arrived(ZINEB, 'sn-migration');
  });

  it('stand in no file of the log, but are shown to those who may see them', async () => {
    const { items } = (
      await eventually(
        () => reader.get('agreements/sn-migration/history'),
        ({ body }) => body.items[0].type === 'NoteAdded',
      )
    ).body;
    expect(items[0].actor).toMatchObject({ id, name, roles: ['officer'] });
    expect(items[0].source).toMatchObject({ kind: 'token' });
    expect(filesWith(name).filter((path) => path.includes('/events/'))).toEqual([]);
    expect(filesWith(email).filter((path) => path.includes('/events/'))).toEqual([]);
  });

  it('are given to the person, whole, and to administrators', async () => {
    const zineb = await paraphe.as(ZINEB);
    const own = (await zineb.get(`people/${id}/record`)).body;
    expect(own.about.map(({ type }: { type: string }) => type)).toEqual([
      'PersonRegistered',
      'UserRegistered',
      'PasswordSet',
    ]);
    expect(own.about[0].data).toEqual({ name, email });
    expect(JSON.stringify(own)).not.toContain('argon2');
    expect(own.done).toContainEqual(expect.objectContaining({ type: 'NoteAdded', stream: 'agreement-sn-migration' }));
    expect((await admin.get(`people/${id}/record`)).status).toBe(200);
    expect((await reader.get(`people/${id}/record`)).status).toBe(403);
    expect((await admin.get('people/nobody/record')).status).toBe(404);
  });

  it('are listed for administrators and auditors', async () => {
    const { items } = (await auditor.get('people')).body;
    expect(items).toContainEqual({ id, name, email, user: true, erased: false });
    expect((await reader.get('people')).status).toBe(403);
  });
});

describe('the register of processing', () => {
  it('says for each activity what, why, for how long and how it is protected', async () => {
    const { items } = (await reader.get('personal-data/register')).body;
    expect(items.map(({ id: activity }: { id: string }) => activity)).toEqual([
      'people',
      'users',
      'reminders',
      'attempts',
    ]);
    for (const activity of items) expect(Object.keys(activity)).toHaveLength(7);
  });
});

describe('a person who is erased', () => {
  let id: string;
  beforeAll(async () => {
    id = await arrived(GHITA, 'tn-migration');
    const reason = { reason: 'Demande de la personne' };
    expect((await reader.post(`people/${id}/erasure`, reason)).status).toBe(403);
    expect((await admin.post(`people/${id}/erasure`, {})).body).toMatchObject({
      status: 422,
      errors: [{ field: 'reason' }],
    });
    expect((await admin.post('people/administrator/erasure', reason)).body.code).toBe('PERSON.OWN_ERASURE');
    expect((await admin.post('people/nobody/erasure', reason)).status).toBe(404);
    const { status, body } = await admin.post(`people/${id}/erasure`, reason);
    expect(status).toBe(201);
    expect((await admin.get(`people?after=${body.position}`)).body.items).toContainEqual({
      id,
      name: 'personne effacée',
      user: false,
      erased: true,
    });
  });

  it('cannot sign in, and is named nowhere', async () => {
    const session = await reader.post('session', { email: GHITA.email, password: PASSWORD });
    expect(session.status).toBe(401);
    const everything = await Promise.all(
      ['users', 'people', 'audit/events?limit=200', 'agreements/tn-migration/history', `people/${id}/record`].map(
        (path) => admin.get(path),
      ),
    );
    for (const { body } of everything) expect(JSON.stringify(body)).not.toMatch(/Invisible|ghita/i);
  });

  it('leaves a history that says what was done, and proofs that hold', async () => {
    const { items } = (await reader.get('agreements/tn-migration/history')).body;
    expect(items.find(({ type }: { type: string }) => type === 'NoteAdded').actor).toMatchObject({
      id,
      name: 'personne effacée',
    });
    const response = await fetch(`${paraphe.url}/api/v1/audit/bundle?agreement=tn-migration`, {
      headers: { authorization: `Bearer ${auditor.token}` },
    });
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
    for (const bytes of Object.values(files)) expect(strFromU8(bytes, true)).not.toContain('Invisible');
  });

  long('is found in no file any more, not even of the database, and the store is sound', async () => {
    await paraphe.stop();
    const { status, stdout, stderr } = paraphe.cli(['verify', '--store']);
    expect({ status, stderr: stderr.split('\n').filter((line) => line.startsWith('person')) }).toEqual({
      status: 0,
      stderr: [],
    });
    expect(stdout).toContain('Everything is as it was recorded.');
    expect(filesWith(GHITA.name)).toEqual([]);
    await paraphe.start();
  });
});

long('a person whose name stands open in an older log is not said to be erased', async () => {
  await paraphe.stop();
  const older = paraphe.copied();
  await paraphe.start();
  try {
    await forge(older.folder, (events) =>
      events.map((event) =>
        event.stream === 'person-demo-reader' ? { ...event, data: { name: 'Karim', email: READER.email } } : event,
      ),
    );
    await older.start();
    const refused = await (await older.as(ADMIN)).post('people/demo-reader/erasure', { reason: 'Demande' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'PERSON.NOT_SEALED' } });
  } finally {
    await older.remove();
  }
});

long('a wrong master key is told at the start, and nobody is taken for erased', async () => {
  await paraphe.stop();
  await expect(paraphe.start({ PARAPHE_KEY: 'another-key-of-thirty-two-characters' })).rejects.toThrow(
    'were wrapped by another master key',
  );
  await paraphe.start();
  expect(
    (await (await paraphe.as(ADMIN)).get('people')).body.items.some(({ name }: { name: string }) =>
      name.includes('Amina'),
    ),
  ).toBe(true);
});
