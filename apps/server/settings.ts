import { z } from 'zod';
import { isTimeZone } from '#calendar';

export const SERVER_ROLES = ['api', 'projections', 'reminders'] as const;
export type ServerRole = (typeof SERVER_ROLES)[number];

/** An address by its beginning only: a list of hosts or a socket's folder is no URL to the platform, but one to its driver. */
const url = (...protocols: string[]) =>
  z.string().refine((text) => protocols.some((protocol) => text.startsWith(`${protocol}//`) && !/\s/.test(text)), {
    error: `must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

/** What may be shown of a value: nothing of a password, nor of one within an address. */
const shown = (name: string, value: string | undefined): string =>
  /PASSWORD|KEY/.test(name) ? '…' : (value ?? '').replace(/:\/\/[^@/]*@/, '://…@');

const roles = z
  .string()
  .default(SERVER_ROLES.join(','))
  .transform((text) => text.split(',').map((role) => role.trim()))
  .pipe(z.array(z.enum(SERVER_ROLES, { error: `each must be one of ${SERVER_ROLES.join(', ')}` })).min(1));

const schema = z.object({
  PARAPHE_PORT: z.coerce.number({ error: 'must be a number' }).int().min(0).max(65535).default(3000),
  PARAPHE_HOST: z.string().default('127.0.0.1'),
  PARAPHE_DATA_DIR: z.string().min(1).default('./data'),
  PARAPHE_ROLES: roles,
  PARAPHE_SAMPLE: z.enum(['true', 'false'], { error: "must be 'true' or 'false'" }).default('false'),
  PARAPHE_BASE_URL: url('http:', 'https:').optional(),
  PARAPHE_ADMIN_EMAIL: z.email({ error: 'must be an e-mail address' }).default('admin@paraphe.local'),
  PARAPHE_ADMIN_PASSWORD: z.string().min(12, 'must have at least 12 characters').optional(),
  PARAPHE_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
  PARAPHE_KEYS_DIR: z.string().min(1).optional(),
  PARAPHE_SIGNING_KEY_FILE: z.string().min(1).optional(),
  PARAPHE_ATTEMPTS_DAYS: z.coerce
    .number({ error: 'must be a number' })
    .int()
    .min(1, 'must be a number of days, 1 to 3650')
    .max(3650, 'must be a number of days, 1 to 3650')
    .default(365),
  PARAPHE_CHECKPOINT_MINUTES: z.coerce
    .number({ error: 'must be a number' })
    .int()
    .min(1, 'must be a number of minutes, 1 to 1440')
    .max(1440, 'must be a number of minutes, 1 to 1440')
    .default(60),
  PARAPHE_TIMEZONE: z
    .string()
    .refine(isTimeZone, 'must be a time zone of the tz database, like Africa/Casablanca')
    .default('Africa/Casablanca'),
  PARAPHE_REMINDER_HOUR: z.coerce
    .number({ error: 'must be a number' })
    .int()
    .min(6, 'must be an hour of the day, 6 to 20')
    .max(20, 'must be an hour of the day, 6 to 20')
    .default(9),
  PARAPHE_NOW: z.iso.datetime({ error: 'must be an instant like 2026-11-25T08:00:00Z' }).optional(),
  PARAPHE_STORE_WAIT_SECONDS: z.coerce
    .number({ error: 'must be a number of seconds' })
    .int()
    .min(0)
    .max(86_400)
    .default(60),
  EVENTSTORE_URL: url('esdb:', 'esdb+discover:', 'kurrentdb:', 'kurrentdb+discover:').optional(),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  REDIS_URL: url('redis:', 'rediss:', 'redis+cluster:', 'redis+sentinel:').optional(),
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  SMTP_FROM: z.string().min(3).default('paraphe@localhost'),
});

/** What the server is told by its environment. */
export interface Settings {
  port: number;
  host: string;
  dataFolder: string;
  roles: Set<ServerRole>;
  sample: boolean;
  /** Where people reach the pages, for links in messages. */
  baseUrl: string;
  admin: { email: string; password?: string };
  timeZone: string;
  /** At which hour the desk is reminded. */
  reminderHour: number;
  /** From what secrets are derived, where it is not the key in the data folder. */
  key?: string;
  /** For rehearsals and tests: the instant from which the clock runs on when the server starts. */
  startAt?: Date;
  /** Where the keys of personal data lie, where it is not in the data folder. */
  keysFolder?: string;
  /** Where the key lies that signs the log's checkpoints, where it is not in the data folder. */
  signingKeyFile?: string;
  /** How often the head of the log is signed, where something has happened since. */
  checkpointMinutes: number;
  /** For how many days refused requests and reads of confidential agreements are kept. */
  attemptsDays: number;
  /** How many seconds a store that is not there yet is waited for at the start. */
  storeWaitSeconds: number;
  eventStoreUrl?: string;
  databaseUrl?: string;
  redisUrl?: string;
  smtpUrl?: string;
  smtpFrom: string;
}

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
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new InvalidSettings(
      parsed.error.issues.map(({ path, message }) => {
        const name = String(path[0]);
        return `${name}=${shown(name, given[name])}: ${message}`;
      }),
    );
  }
  const env = parsed.data;
  return {
    port: env.PARAPHE_PORT,
    host: env.PARAPHE_HOST,
    dataFolder: env.PARAPHE_DATA_DIR,
    roles: new Set(env.PARAPHE_ROLES),
    sample: env.PARAPHE_SAMPLE === 'true',
    baseUrl: (env.PARAPHE_BASE_URL ?? `http://localhost:${env.PARAPHE_PORT}`).replace(/\/$/, ''),
    admin: {
      email: env.PARAPHE_ADMIN_EMAIL,
      ...(env.PARAPHE_ADMIN_PASSWORD && { password: env.PARAPHE_ADMIN_PASSWORD }),
    },
    timeZone: env.PARAPHE_TIMEZONE,
    reminderHour: env.PARAPHE_REMINDER_HOUR,
    ...(env.PARAPHE_KEY && { key: env.PARAPHE_KEY }),
    ...(env.PARAPHE_KEYS_DIR && { keysFolder: env.PARAPHE_KEYS_DIR }),
    ...(env.PARAPHE_SIGNING_KEY_FILE && { signingKeyFile: env.PARAPHE_SIGNING_KEY_FILE }),
    checkpointMinutes: env.PARAPHE_CHECKPOINT_MINUTES,
    attemptsDays: env.PARAPHE_ATTEMPTS_DAYS,
    ...(env.PARAPHE_NOW && { startAt: new Date(env.PARAPHE_NOW) }),
    storeWaitSeconds: env.PARAPHE_STORE_WAIT_SECONDS,
    // KurrentDB speaks the same protocol; the client knows it by its former name only.
    ...(env.EVENTSTORE_URL && { eventStoreUrl: env.EVENTSTORE_URL.replace(/^kurrentdb/, 'esdb') }),
    ...(env.DATABASE_URL && { databaseUrl: env.DATABASE_URL }),
    ...(env.REDIS_URL && { redisUrl: env.REDIS_URL }),
    ...(env.SMTP_URL && { smtpUrl: env.SMTP_URL }),
    smtpFrom: env.SMTP_FROM,
  };
}
