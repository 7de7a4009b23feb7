import { Inject, Injectable } from '@nestjs/common';
import { type Clock, Commands, derivedId, type Parked } from '#event-sourcing';
import type { Labels } from '#lifecycle';
import { warningOnceAMinute } from '#operations';
import { CLOCK } from '#web-api';
import { type Notice, type ReminderCommand, reminderCommands, remindersOf } from './reminder.js';

/** Who looks after what was set aside. */
const KEEPERS = 'role:administrator';
const MAX_REASON = 500;

/**
 * Tells administrators, once, of each event that a part of the house set aside: by the ordinary way, as a reminder that is due at once,
 * so that it stands in their messages, goes out by mail, and many together are one digest.
 */
@Injectable()
export class ParkedNotices {
  private readonly warn = warningOnceAMinute('Reminders', 'Of what was set aside nobody is told yet');
  /** What this process has told, or is telling. */
  private readonly told = new Set<string>();
  /** One after the other: a burst must not keep the store from others' work. */
  private telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly commands: Commands,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Sees to it that it is told. Told again, here or by another process, it changes nothing; what fails is tried again with the next
   * reconciliation of reminders, which tells of all that is parked. Never throws, and waits for nothing.
   */
  tell(parked: Parked): void {
    const key = keyOf(parked);
    if (this.told.has(key)) return;
    this.told.add(key);
    this.telling = this.telling
      .then(() => this.send(parked))
      .catch((error: unknown) => {
        this.told.delete(key);
        this.warn(error);
      });
  }

  private async send(parked: Parked): Promise<void> {
    const now = this.clock.now().toISOString();
    const notice = noticeOf(parked, now);
    const command: ReminderCommand = { type: 'Notify', notice };
    await this.commands.send(reminderCommands, remindersOf(notice.subject), command, {
      commandId: derivedId('parked', keyOf(parked), now),
      actor: { kind: 'system', id: 'reminders' },
    });
  }
}

/** What is told is the event at which a subject is held up: the next one, after the first was seen to, is news again. */
const keyOf = ({ consumer, stream, event }: Parked): string => `news|parked|${consumer}|${stream}|${event}`;

/** What administrators are told of an event that was set aside. Pure. */
export function noticeOf(parked: Parked, now: string): Notice {
  return {
    key: keyOf(parked),
    // Names of consumers have colons, names of streams do not.
    subject: { kind: 'consumer', id: parked.consumer.replaceAll(/[^a-zA-Z0-9._-]+/g, '.') },
    recipient: KEEPERS,
    dueAt: now,
    date: now.slice(0, 10),
    labels: wordsFor(parked),
  };
}

function wordsFor({ consumer, stream, type, revision, reason }: Parked): Labels {
  const why = readable(reason);
  return {
    fr: `« ${consumer} » a mis de côté « ${stream} » à l’événement ${type} (révision ${revision}) : ${why} Tout le reste continue. La page « Suivi du journal » permet de réessayer ou de passer outre.`,
    en: `“${consumer}” set “${stream}” aside at the event ${type} (revision ${revision}): ${why} Everything else goes on. The page “Log followers” lets it be tried again, or done without.`,
    ar: `وضع «${consumer}» الملف «${stream}» جانبا عند الحدث ${type} (المراجعة ${revision}): ${why} ويستمر كل ما عداه. تتيح صفحة «متابعة السجل» إعادة المحاولة أو التجاوز.`,
  };
}

/** A reason as it can be kept and shown: on one line, not long, and without addresses, which stand in a person's stream only. */
function readable(reason: string): string {
  const line = reason
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no text may hold
    .replaceAll(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .replaceAll(/[^\s<>]+@[^\s<>]+/g, '…')
    .trim();
  const short = line.length > MAX_REASON ? `${line.slice(0, MAX_REASON).toWellFormed()}…` : line;
  return short.replace(/[.…]?$/, (end) => end || '.');
}
