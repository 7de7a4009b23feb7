import { readFileSync } from 'node:fs';
import { InvalidSettings, readSettings, unknownSettings, variables } from './settings.js';

const problemsOf = (environment: Record<string, string>): string[] => {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    return (error as InvalidSettings).problems;
  }
};

test('without any, the server starts with what the reference says', () => {
  expect(readSettings({})).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    baseUrl: 'http://localhost:3000',
    dataFolder: './data',
    roles: new Set(['api', 'projections', 'reminders']),
    sample: false,
    admin: { email: 'admin@paraphe.local' },
    country: 'MA',
    timeZone: 'Africa/Casablanca',
    reminderHour: 9,
    checkpointMinutes: 60,
    attemptsDays: 365,
    smtpFrom: 'paraphe@localhost',
  });
});

test('each is read as what it is; one set to nothing counts as left out', () => {
  const settings = readSettings({
    PARAPHE_PORT: '8080',
    PARAPHE_HOST: '',
    PARAPHE_BASE_URL: 'https://paraphe.example/',
    PARAPHE_ROLES: 'api, reminders',
    PARAPHE_SAMPLE: 'true',
    PARAPHE_ADMIN_PASSWORD: 'twelve-letters',
    PARAPHE_COUNTRY: 'SN',
    PARAPHE_NOW: '2026-11-25T08:00:00Z',
    DATABASE_URL: 'postgresql://user:secret@%2Fsocket/paraphe',
    REDIS_URL: 'redis+sentinel://a:1,b:2/name',
  });
  expect(settings).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    baseUrl: 'https://paraphe.example',
    roles: new Set(['api', 'reminders']),
    sample: true,
    admin: { email: 'admin@paraphe.local', password: 'twelve-letters' },
    country: 'SN',
    startAt: new Date('2026-11-25T08:00:00Z'),
  });
});

test('what looks like a setting and is none is named, with the one that was probably meant', () => {
  const environment = { PARAPHE_PROT: '3000', PARAPHE_SERVICE_HOST: '10.0.0.1', PARAPHE_PORT: '3000', PATH: '' };
  expect(unknownSettings(environment)).toEqual([
    'PARAPHE_PROT is no setting, and is ignored. Did you mean PARAPHE_PORT?',
    'PARAPHE_SERVICE_HOST is no setting, and is ignored.',
  ]);
});

test('a reason is as long as the log takes it, and a long value is not said whole', () => {
  expect(readSettings({ PARAPHE_CLOCK_CONFIRMED: 'x'.repeat(2_000) }).clockConfirmed).toHaveLength(2_000);
  expect(problemsOf({ PARAPHE_CLOCK_CONFIRMED: 'x'.repeat(2_001) })).toEqual([
    `PARAPHE_CLOCK_CONFIRMED=${'x'.repeat(100)}…: must say why, in 3 to 2000 characters`,
  ]);
});

test('all that is wrong is named at once: the variable, the rule, what is allowed, and no secret', () => {
  expect(
    problemsOf({
      PARAPHE_PORT: 'http',
      PARAPHE_SAMPLE: 'yes',
      PARAPHE_ROLES: 'api,web',
      PARAPHE_ADMIN_PASSWORD: 'short',
      PARAPHE_COUNTRY: 'Morocco',
      PARAPHE_REMINDER_HOUR: '5',
      PARAPHE_NOW: '2026',
      DATABASE_URL: 'mysql://user:secret@host/paraphe',
    }).sort(),
  ).toEqual([
    'DATABASE_URL=mysql://…@host/paraphe: must be an address that begins with postgres:// or postgresql://',
    'PARAPHE_ADMIN_PASSWORD=…: must have at least 12 characters',
    'PARAPHE_COUNTRY=Morocco: must be an ISO 3166-1 code of two capital letters, like MA',
    'PARAPHE_NOW=2026: must be an instant like 2026-11-25T08:00:00Z',
    'PARAPHE_PORT=http: must be a whole number, 0 to 65535',
    'PARAPHE_REMINDER_HOUR=5: must be an hour of the day, 6 to 20',
    'PARAPHE_ROLES=api,web: each must be one of api, projections, reminders',
    "PARAPHE_SAMPLE=yes: must be 'true' or 'false'",
  ]);
});

test('the reference names every setting, and no other', () => {
  const rows = readFileSync('docs/reference/settings.md', 'utf8').matchAll(/^\| `([A-Z_]+)` \|/gm);
  expect([...rows].map(([, name]) => name).sort()).toEqual(variables().sort());
});
