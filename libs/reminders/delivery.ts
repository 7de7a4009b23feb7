import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { Language } from '#calendar';
import { type Actor, type Clock, Commands, derivedId, newId, onItsOwn, Repository, whyFailed } from '#event-sourcing';
import { MentionPeople } from '#people';
import { ReadStore } from '#read-store';
import { CLOCK } from '#web-api';
import { post, WebhookGone, WebhookInvalid, webhookCommands, webhookDecider, webhookSecret } from '#webhooks';
import { linkTo } from './links.js';
import { Mailer, MailRefused, Unanswered } from './mail.js';
import {
  type Channel,
  type Message,
  type MessageCommand,
  messageCommands,
  messageDecider,
  NotToBeDelivered,
} from './message.js';
import { messages } from './reminder.projection.js';
import { render } from './render.js';
import { REMINDER_SETTINGS, type ReminderSettings } from './settings.js';

const ACTOR: Actor = { kind: 'system', id: 'reminders' };
/** Longer than any attempt can take: what was claimed before is under way no more. */
const LEASE_MS = 120_000;

type Composed = Extract<Message, { phase: 'composed' }>;

/**
 * Delivers messages. An attempt is claimed in the log before it is made. What an attempt that broke off has done is asked of
 * the channel: a webhook knows by the id what it has, so it is posted again; of a mail nobody can know, so it is marked
 * uncertain, and a person decides.
 */
@Injectable()
export class Delivery {
  private readonly mailer: Mailer | undefined;
  /** The attempts that this process is making. */
  private readonly underWay = new Set<string>();

  constructor(
    private readonly repository: Repository,
    private readonly commands: Commands,
    private readonly readStore: ReadStore,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
  ) {
    this.mailer = settings.smtpUrl ? new Mailer(settings.smtpUrl, settings.from) : undefined;
  }

  close(): void {
    this.mailer?.close();
  }

  /**
   * Makes one attempt, unless the message is delivered, uncertain, given up, or somebody else is at it.
   *
   * @param isLast whether no other attempt follows by itself
   * @throws Error when the attempt failed and another may follow
   */
  async deliver(id: string, channel: Channel, isLast: boolean): Promise<void> {
    const { state } = await this.repository.load(messageDecider, id);
    if (state.phase === 'none') return;
    await this.settleClaim(id, channel, state);
    try {
      await this.execute(id, { type: 'ClaimDelivery', channel, by: this.settings.instance }, newId());
    } catch (error) {
      if (error instanceof NotToBeDelivered) return;
      throw error;
    }
    this.underWay.add(`${id} ${channel}`);
    try {
      await (channel === 'email' ? this.mail(id, state) : this.webhook(id, state));
    } catch (error) {
      await this.failed(id, channel, error as Error, isLast);
      if (!(error instanceof Unanswered || isHopeless(error))) throw error;
    } finally {
      this.underWay.delete(`${id} ${channel}`);
    }
  }

  /**
   * Marks what was left of attempts that broke off with the process that made them.
   *
   * @returns how many there were
   */
  async settleClaims(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - LEASE_MS).toISOString();
    const rows = await this.readStore
      .from(messages)
      .select(['id', 'email'])
      .where((where) => where.or([where('email', '=', 'claimed'), where('webhook', '=', 'claimed')]))
      .where('claimed_at', '<', before)
      .execute();
    for (const { id, email } of rows) {
      const settle = async () => {
        const { state } = await this.repository.load(messageDecider, id);
        if (state.phase === 'composed') await this.settleClaim(id, email === 'claimed' ? 'email' : 'webhook', state);
      };
      // A message that cannot be read is set aside where it is read from the log, and told of there.
      await onItsOwn(settle, () => {});
    }
    return rows.length;
  }

  private async settleClaim(id: string, channel: Channel, { deliveries }: Composed): Promise<void> {
    const { state, claim } = deliveries[channel];
    if (state !== 'claimed' || !claim || this.underWay.has(`${id} ${channel}`)) return;
    // Of its own attempts a process knows which are under way; those of another are given their time.
    const isOwn = claim.by === this.settings.instance;
    if (!isOwn && this.clock.now().getTime() - Date.parse(claim.at) < LEASE_MS) return;
    const error = 'The attempt broke off, and its outcome is not known.';
    if (channel === 'webhook') {
      await this.execute(id, { type: 'MarkDeliveryFailed', channel, error, final: false }, newId());
    } else await this.execute(id, { type: 'MarkUncertain', channel, error }, newId());
  }

  private async failed(id: string, channel: Channel, error: Error, isLast: boolean): Promise<void> {
    // Mail servers repeat the address that they refuse; addresses stand in the person's stream only.
    const message = whyFailed(error).replaceAll(/[^\s<>]+@[^\s<>]+/g, '…');
    if (error instanceof Unanswered) {
      await this.execute(id, { type: 'MarkUncertain', channel, error: message }, newId());
      return;
    }
    const final = isLast || isHopeless(error);
    await this.execute(id, { type: 'MarkDeliveryFailed', channel, error: message, final }, newId());
  }

  /** Mails a message. Its Message-ID is its own id, so that a mail system that has it already can tell. */
  private async mail(id: string, { content }: Composed): Promise<void> {
    if (!this.mailer) throw new Undeliverable('No mail server is set.');
    const ids = [content.recipient, ...(content.insteadOf ? [content.insteadOf] : [])];
    const people = await this.queries.execute(new MentionPeople(ids));
    const person = people.get(content.recipient);
    if (!person?.email) throw new Undeliverable('The recipient has no e-mail address.');
    const { baseUrl } = this.settings;
    const host = new URL(baseUrl).hostname;
    const names = { recipient: person.name, insteadOf: content.insteadOf && people.get(content.insteadOf)?.name };
    const messageId = `<${id}@${host}>`;
    await this.mailer.send({
      ...render(content, names, (person.language ?? 'fr') as Language, baseUrl),
      to: { name: person.name, address: person.email },
      messageId,
      references: content.items.slice(0, 20).map(({ subject }) => threadOf(subject, content.recipient, host)),
      preferencesUrl: `${baseUrl}/rappels?onglet=preferences`,
    });
    await this.execute(id, { type: 'MarkDelivered', channel: 'email', messageId }, derivedId('delivered', id, 'email'));
  }

  private async webhook(id: string, { content }: Composed): Promise<void> {
    const webhook = content.recipient.slice('webhook:'.length);
    const { state } = await this.repository.load(webhookDecider, webhook);
    if (state.phase !== 'active') throw new Undeliverable(`There is no active webhook '${webhook}'.`);
    const secret = webhookSecret(this.settings.key, webhook);
    const { items } = content;
    const links = items.map(({ subject }) => linkTo(this.settings.baseUrl, subject));
    const data = { items: items.map((item, index) => ({ ...item, link: links[index] })) };
    const payload = { type: 'reminder.due', timestamp: this.clock.now().toISOString(), data };
    try {
      await post(state.url, secret, id, payload);
    } catch (error) {
      if (!(error instanceof WebhookGone)) throw error;
      const disable = { type: 'DisableWebhook' as const, reason: whyFailed(error) };
      await this.commands.send(webhookCommands, webhook, disable, { commandId: newId(), actor: ACTOR });
      throw new Undeliverable(error.message);
    }
    const marked = { type: 'MarkDelivered' as const, channel: 'webhook' as const, messageId: id };
    await this.execute(id, marked, derivedId('delivered', id, 'webhook'));
  }

  private execute(id: string, command: MessageCommand, commandId: string) {
    return this.commands.send(messageCommands, id, command, { commandId, actor: ACTOR });
  }
}

/** Thrown when no further attempt can help. */
class Undeliverable extends Error {
  override name = 'Undeliverable';
}

/** Whether another attempt would fare no better: the message is marked as failed at once, with the reason. */
const isHopeless = (error: unknown): boolean =>
  error instanceof Undeliverable || error instanceof MailRefused || error instanceof WebhookInvalid;

/** An id that all mails to a person about a subject refer to, so that programs show them as one conversation. */
const threadOf = ({ kind, id }: { kind: string; id: string }, person: string, host: string): string =>
  `<${derivedId('thread', kind, id, person)}@${host}>`;
