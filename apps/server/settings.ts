import { plainToInstance, Transform } from 'class-transformer';
import {
  IsDate,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateBy,
  validateSync,
} from 'class-validator';
import type { z } from 'zod';
import { DESK_COUNTRY, isTimeZone } from '#calendar';
import { operationReason } from '#operations';
import { country, email, nearest } from '#values';

export const SERVER_ROLES = ['api', 'projections', 'reminders'] as const;
export type ServerRole = (typeof SERVER_ROLES)[number];

/** The variable of the environment by which each property of {@link Settings} is set. */
const VARIABLES = new Map<string, string>();

/** The property is set by a variable of the environment; what it is without one, the property says. */
const Variable =
  (name: string): PropertyDecorator =>
  (_, property) =>
    void VARIABLES.set(String(property), name);

/** Several rules as one. */
const all =
  (...rules: PropertyDecorator[]): PropertyDecorator =>
  (target, property) => {
    for (const rule of rules) rule(target, property);
  };

/** @param of what it counts, with its unit, such as 'a number of days' */
function WholeNumber(least: number, most: number, of = 'a whole number'): PropertyDecorator {
  const rule = { message: `must be ${of}, ${least} to ${most}` };
  return all(
    Transform(({ value }) => Number(value)),
    IsInt(rule),
    Min(least, rule),
    Max(most, rule),
  );
}

/** An address by its beginning only: a list of hosts or a socket's folder is no URL to the platform, but one to its driver. */
const Address = (...schemes: string[]): PropertyDecorator =>
  Matches(new RegExp(`^(${schemes.map((scheme) => scheme.replace('+', '\\+')).join('|')})://\\S*$`), {
    message: `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

const Secret = (least: number): PropertyDecorator =>
  MinLength(least, { message: `must have at least ${least} characters` });

const Satisfies = (name: string, validate: (value: unknown) => boolean, message: string): PropertyDecorator =>
  ValidateBy({ name, validator: { validate } }, { message });

const fits = (schema: z.ZodType) => (value: unknown) => schema.safeParse(value).success;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z$/;

/**
 * What the server is told by its environment. A setting is one property: its variable, its rules, and what it is where nobody says
 * otherwise. `docs/reference/settings.md` names them all.
 */
export class Settings {
  @Variable('PARAPHE_PORT')
  @WholeNumber(0, 65_535)
  port = 3000;

  @Variable('PARAPHE_HOST')
  @IsNotEmpty()
  host = '127.0.0.1';

  /** Where people reach the pages, for links in messages; without a slash at its end. */
  @Variable('PARAPHE_BASE_URL')
  @Transform(({ value }) => String(value).replace(/\/$/, ''))
  @IsOptional()
  @Address('http', 'https')
  baseUrl!: string;

  @Variable('PARAPHE_DATA_DIR')
  @IsNotEmpty()
  dataFolder = './data';

  @Variable('PARAPHE_ROLES')
  @Transform(
    ({ value }) =>
      new Set(
        String(value)
          .split(',')
          .map((role) => role.trim()),
      ),
  )
  @IsIn(SERVER_ROLES, { each: true, message: `each must be one of ${SERVER_ROLES.join(', ')}` })
  roles: Set<ServerRole> = new Set(SERVER_ROLES);

  @Variable('PARAPHE_SAMPLE')
  @Transform(({ value }) => ({ true: true, false: false })[String(value)] ?? value)
  @IsIn([true, false], { message: "must be 'true' or 'false'" })
  sample = false;

  @Variable('PARAPHE_ADMIN_EMAIL')
  @Satisfies('isEmail', fits(email), 'must be an e-mail address')
  adminEmail = 'admin@paraphe.local';

  @Variable('PARAPHE_ADMIN_PASSWORD')
  @IsOptional()
  @Secret(12)
  adminPassword?: string;

  /** The desk's country (ISO 3166-1 alpha-2), whose working days count. */
  @Variable('PARAPHE_COUNTRY')
  @Satisfies('isCountry', fits(country), 'must be an ISO 3166-1 code of two capital letters, like MA')
  country = DESK_COUNTRY;

  @Variable('PARAPHE_TIMEZONE')
  @Satisfies(
    'isTimeZone',
    (value) => isTimeZone(String(value)),
    'must be a time zone of the tz database, like Africa/Casablanca',
  )
  timeZone = 'Africa/Casablanca';

  /** At which hour the desk is reminded. */
  @Variable('PARAPHE_REMINDER_HOUR')
  @WholeNumber(6, 20, 'an hour of the day')
  reminderHour = 9;

  /** For so many minutes after a message to somebody, what else comes for that person is gathered. */
  @Variable('PARAPHE_DIGEST_MINUTES')
  @WholeNumber(0, 60, 'a number of minutes')
  digestMinutes = 5;

  /** From what secrets are derived, where it is not the key in the data folder. */
  @Variable('PARAPHE_KEY')
  @IsOptional()
  @Secret(32)
  key?: string;

  /** Where the keys of personal data lie, where it is not in the data folder. */
  @Variable('PARAPHE_KEYS_DIR')
  @IsOptional()
  @IsNotEmpty()
  keysFolder?: string;

  /** Where the key lies that signs the log's checkpoints, where it is not in the data folder. */
  @Variable('PARAPHE_SIGNING_KEY_FILE')
  @IsOptional()
  @IsNotEmpty()
  signingKeyFile?: string;

  /** How often the head of the log is signed, where something has happened since. */
  @Variable('PARAPHE_CHECKPOINT_MINUTES')
  @WholeNumber(1, 1440, 'a number of minutes')
  checkpointMinutes = 60;

  /** For how many days refused requests and reads of confidential agreements are kept. */
  @Variable('PARAPHE_ATTEMPTS_DAYS')
  @WholeNumber(1, 3650, 'a number of days')
  attemptsDays = 365;

  /** For rehearsals and tests: the instant from which the clock runs on when the server starts. */
  @Variable('PARAPHE_NOW')
  @Transform(({ value }) => new Date(INSTANT.test(String(value)) ? String(value) : Number.NaN))
  @IsOptional()
  @IsDate({ message: 'must be an instant like 2026-11-25T08:00:00Z' })
  startAt?: Date;

  /** Why the clock is right at this start, though the last recorded event lies after it. */
  @Variable('PARAPHE_CLOCK_CONFIRMED')
  @IsOptional()
  @Satisfies('isReason', fits(operationReason), 'must say why, in 3 to 2000 characters')
  clockConfirmed?: string;

  /** After how many seconds without a sign of life a process loses its turns to others. */
  @Variable('PARAPHE_TURN_SECONDS')
  @WholeNumber(1, 600, 'a number of seconds')
  turnSeconds = 10;

  @Variable('EVENTSTORE_URL')
  // KurrentDB speaks the same protocol; the client knows it by its former name only.
  @Transform(({ value }) => String(value).replace(/^kurrentdb/, 'esdb'))
  @IsOptional()
  @Address('esdb', 'esdb+discover')
  eventStoreUrl?: string;

  /** How long a store that is not there yet is waited for at the start. */
  @Variable('PARAPHE_STORE_WAIT_SECONDS')
  @WholeNumber(0, 3600, 'a number of seconds')
  storeWaitSeconds = 60;

  @Variable('DATABASE_URL')
  @IsOptional()
  @Address('postgres', 'postgresql')
  databaseUrl?: string;

  @Variable('REDIS_URL')
  @IsOptional()
  @Address('redis', 'rediss', 'redis+cluster', 'redis+sentinel')
  redisUrl?: string;

  @Variable('SMTP_URL')
  @IsOptional()
  @Address('smtp', 'smtps')
  smtpUrl?: string;

  @Variable('SMTP_FROM')
  @MinLength(3, { message: 'must be the address of a sender, like paraphe@localhost' })
  smtpFrom = 'paraphe@localhost';

  /** The first administrator; the password is made up where none is set. */
  get admin(): { email: string; password?: string } {
    return { email: this.adminEmail, ...(this.adminPassword && { password: this.adminPassword }) };
  }
}

/** Every variable that is read. */
export const variables = (): string[] => [...VARIABLES.values()];

const PREFIX = 'PARAPHE_';
/** What else begins so: it is read by the command line, the client's examples and the tests. */
const OTHERS = ['PARAPHE_USER_PASSWORD', 'PARAPHE_TOKEN', 'PARAPHE_URL', 'PARAPHE_LONG', 'PARAPHE_SEED'];

/** A sentence for each variable that looks like a setting and is none. A platform may set some of its own: it is no reason not to start. */
export function unknownSettings(environment: NodeJS.ProcessEnv): string[] {
  const known = [...variables(), ...OTHERS].filter((name) => name.startsWith(PREFIX));
  const unknown = Object.keys(environment).filter((name) => name.startsWith(PREFIX) && !known.includes(name));
  const bare = (name: string) => name.slice(PREFIX.length);
  return unknown.map((name) => {
    const near = nearest(bare(name), known.map(bare));
    return `${name} is no setting, and is ignored.${near ? ` Did you mean ${PREFIX}${near}?` : ''}`;
  });
}

/** What may be shown of a value: nothing of a password, nor of one within an address. */
const shown = (name: string, value: string | undefined): string =>
  /PASSWORD|KEY/.test(name) ? '…' : (value ?? '').replace(/:\/\/[^@/]*@/, '://…@').replace(/^(.{100}).+/s, '$1…');

/** Thrown when settings are wrong; names each with the rule that it breaks. */
export class InvalidSettings extends Error {
  constructor(readonly problems: string[]) {
    super(`Some settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'InvalidSettings';
  }
}

/** @throws InvalidSettings with all that is wrong at once */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  // A variable set to nothing counts as left out, as compose files do it.
  const given = Object.fromEntries(
    [...VARIABLES].flatMap(([property, name]) => (environment[name] ? [[property, environment[name]]] : [])),
  );
  const settings = plainToInstance(Settings, given);
  const problems = validateSync(settings).map(({ property, constraints = {} }) => {
    const name = VARIABLES.get(property)!;
    return `${name}=${shown(name, environment[name])}: ${Object.values(constraints)[0]}`;
  });
  if (problems.length > 0) throw new InvalidSettings(problems);
  settings.baseUrl ??= `http://localhost:${settings.port}`;
  return settings;
}
