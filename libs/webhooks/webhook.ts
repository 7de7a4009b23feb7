import { createHmac } from 'node:crypto';
import { Webhook as Signer } from 'standardwebhooks';
import { z } from 'zod';
import {
  canonicalJson,
  commandCatalogue,
  type Decider,
  type EventCatalogue,
  type EventsOf,
  NotFound,
} from '#event-sourcing';
import { text } from '#values';

/** Where a webhook may lead: any web address. */
export const webhookUrl = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' })
  .max(2_000)
  .refine((url) => !URL.canParse(url) || new URL(url).username + new URL(url).password === '', {
    error: 'must be without a name and a password: who posts is known by the signature',
  });

/** Which changes are wanted: those of all types that are told, or of some, `*` standing for any ending. */
export const changeFilter = z.strictObject({
  types: z
    .array(
      z
        .string()
        .regex(
          /^[a-z0-9_.-]{1,120}\*?$/,
          'a type of the catalogue, or its beginning and an asterisk, like paraphe.agreement.*',
        ),
    )
    .min(1)
    .max(100)
    .optional(),
});

const registered = z.object({
  url: z.string(),
  description: z.string().optional(),
  /** Which changes are posted there, and after which position of the log. */
  changes: changeFilter.extend({ after: z.string() }).optional(),
});
type Registered = z.infer<typeof registered>;

export const webhookEvents = {
  WebhookRegistered: { schema: registered },
  WebhookChanged: { schema: registered },
  WebhookDisabled: { schema: z.object({ reason: z.string() }) },
} satisfies EventCatalogue;

export type WebhookEvent = EventsOf<typeof webhookEvents>;

export const webhookCommands = commandCatalogue('webhook', [], {
  SaveWebhook: {
    schema: z.strictObject({
      url: webhookUrl,
      description: text(500).optional(),
      changes: changeFilter
        .extend({ after: z.string().regex(/^\d{1,20}$/, 'must be a position of the log, or 0 for its beginning') })
        .optional(),
    }),
  },
  DisableWebhook: { schema: z.strictObject({ reason: text(2000) }) },
});

export type Webhook = { phase: 'none' } | ({ phase: 'active' | 'disabled' } & Registered);

/** An address to which reminders are posted, by the recipient `webhook:<id>`, and changes where they are wanted. */
export const webhookDecider: Decider<Webhook, typeof webhookCommands, WebhookEvent> = {
  commands: webhookCommands,
  events: webhookEvents,
  initial: { phase: 'none' },
  decide(command, webhook, { today }) {
    switch (command.type) {
      case 'SaveWebhook': {
        const { type: _, ...data } = command;
        if (webhook.phase === 'none') return [{ type: 'WebhookRegistered', data, effectiveOn: today }];
        if (webhook.phase === 'active' && isSame(webhook, data)) return [];
        return [{ type: 'WebhookChanged', data, effectiveOn: today }];
      }
      case 'DisableWebhook':
        if (webhook.phase === 'none') throw new NotFound('webhook', 'under this id');
        if (webhook.phase === 'disabled') return [];
        return [{ type: 'WebhookDisabled', data: { reason: command.reason }, effectiveOn: today }];
      default:
        return command satisfies never;
    }
  },
  evolve(webhook, event) {
    if (event.type !== 'WebhookDisabled') return { phase: 'active', ...event.data };
    return webhook.phase === 'none' ? webhook : { ...webhook, phase: 'disabled' };
  },
};

const isSame = ({ url, description, changes }: Registered, other: Registered): boolean =>
  canonicalJson({ url, description, changes }) ===
  canonicalJson({ url: other.url, description: other.description, changes: other.changes });

/** Thrown when an address says that it is gone for good (410): it is not to be asked again. */
export class WebhookGone extends Error {
  override name = 'WebhookGone';
}

/** Thrown when an address cannot be posted to at all. */
export class WebhookInvalid extends Error {
  override name = 'WebhookInvalid';
}

/**
 * Thrown when a post was not taken now, and may be later. By Standard Webhooks any answer but 2xx is a failure that is tried again, 404
 * too; only 410 ends it.
 */
export class WebhookRefused extends Error {
  override name = 'WebhookRefused';
  constructor(
    message: string,
    /** How long the receiver wants to be left alone. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/**
 * How long an answer asks to wait, by its Retry-After: in seconds, or until an instant (RFC 9110, 10.2.3).
 *
 * @returns milliseconds; undefined where it says nothing that can be understood
 */
export function retryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

const TIMEOUT_MS = 15_000;

/**
 * The secret with which a webhook's posts are signed, in the form of the Standard Webhooks specification. It is derived from the
 * instance's own key, and stands nowhere in the log.
 */
export const webhookSecret = (key: string, webhook: string): string =>
  `whsec_${createHmac('sha256', key).update(`webhook ${webhook}`).digest('base64')}`;

/**
 * Posts a payload as the Standard Webhooks specification wants it: signed, with an id that stays the same however often it is
 * posted, by which the receiver knows what it has already.
 *
 * @throws WebhookGone when it answers that it is gone for good (410)
 * @throws WebhookInvalid when the address is none
 * @throws WebhookRefused when it was not taken: it can be posted again, not before the receiver's Retry-After
 * @throws Error when there was no answer: it can be posted again
 */
export async function post(
  url: string,
  secret: string,
  id: string,
  payload: object,
  contentType = 'application/json',
): Promise<void> {
  if (!/^https?:/.test(url) || !URL.canParse(url))
    throw new WebhookInvalid(`'${url}' is not an address that begins with http:// or https://.`);
  // The machine's own time, whatever the desk's clock says: receivers refuse what is not from now.
  const now = new Date();
  const body = JSON.stringify(payload);
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      'content-type': contentType,
      'user-agent': 'Paraphe',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': new Signer(secret).sign(id, now, body),
    },
    body,
  });
  await response.body?.cancel();
  if (response.status === 410) throw new WebhookGone(`${url} is gone (410).`);
  if (response.ok) return;
  const pause = retryAfter(response.headers.get('retry-after'), now);
  throw new WebhookRefused(`${url} answered ${response.status}.`, pause);
}
