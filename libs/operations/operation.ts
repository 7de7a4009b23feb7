import { z } from 'zod';
import type { Decider, EventCatalogue, EventsOf } from '#event-sourcing';

/** A place in the log as the store said it: a decimal number as text, for it may exceed what a double holds. */
const position = z.string().regex(/^\d{1,20}$/);
const instant = z.iso.datetime();
/** Why an operator did it; it stands in the log for ever. */
export const operationReason = z.string().trim().min(3, 'must say why, in 3 to 2000 characters').max(2000);

const salvage = z.object({
  /** Shared by the parts in which one salvage is recorded. */
  salvage: z.uuid(),
  part: z.int().min(1),
  parts: z.int().min(1),
  /** How many events were copied. */
  copied: z.int().min(0),
  /** Where bytes could not be read: from the first position up to, not including, the second. */
  gaps: z.array(z.object({ from: position, to: position, defect: z.string().max(500) })),
  /** Which events stood there, as far as that is known, by stream and revision (both ends included). */
  lost: z.array(z.object({ stream: z.string().max(1024), from: z.int().min(0), to: z.int().min(0) })),
  /** The leaves that they had in the tree, where the tree still has them: with these, heads signed before can be checked. */
  leaves: z.array(z.object({ position, hash: z.base64() })),
});

const confirmation = z.object({
  /** What the clock said when it was confirmed, and what the last event before it says. */
  clock: instant,
  lastRecordedAt: instant,
  reason: operationReason,
});

const acknowledgement = z.object({
  /** The events whose times go back, from the first to the last of them. */
  from: position,
  to: position,
  /** The time that was on record before the first of them, and the earliest that follows it. */
  after: instant,
  earliest: instant,
  reason: operationReason,
});

const replacement = z.object({
  /** The new public key, as a C2SP verifier key. No earlier key vouches for it. */
  key: z.string().min(1).max(500),
  reason: operationReason,
});

const forsaken = z.object({
  keys: z.enum(['instance', 'personal']),
  reason: operationReason,
});

/** What operators did to the house itself, for those who look into its history. */
export const operationEvents = {
  /** A damaged log was copied, all of it that could be read; the rest is missing for good. */
  LogSalvaged: { schema: salvage },
  /** The clock stood before the last recorded event, and somebody said that it is right. */
  ClockConfirmed: { schema: confirmation },
  /** Events whose times go back are known and explained. */
  ClockAnomalyAcknowledged: { schema: acknowledgement },
  /** A signing key was lost, and another took its place. */
  SigningKeyReplaced: { schema: replacement },
  /** Keys were lost, and what they opened stays closed. */
  KeysForsaken: { schema: forsaken },
} satisfies EventCatalogue;

export type OperationEvent = EventsOf<typeof operationEvents>;
export type SalvagePart = z.infer<typeof salvage>;
export type ClockAcknowledgement = z.infer<typeof acknowledgement>;

export type OperationCommandBody =
  | ({ type: 'RecordSalvage' } & SalvagePart)
  | ({ type: 'ConfirmClock' } & z.infer<typeof confirmation>)
  | ({ type: 'AcknowledgeClockAnomaly' } & ClockAcknowledgement)
  | ({ type: 'ReplaceSigningKey' } & z.infer<typeof replacement>)
  | ({ type: 'ForsakeKeys' } & z.infer<typeof forsaken>);

/** The one stream in which all of it stands: `operation-house`. */
export const HOUSE = 'house';

const RECORDS = {
  RecordSalvage: 'LogSalvaged',
  ConfirmClock: 'ClockConfirmed',
  AcknowledgeClockAnomaly: 'ClockAnomalyAcknowledged',
  ReplaceSigningKey: 'SigningKeyReplaced',
  ForsakeKeys: 'KeysForsaken',
} as const;

/** Records what was done, once: an operator who says the same again about the same adds nothing. */
export const operationDecider: Decider<ReadonlySet<string>, OperationCommandBody, OperationEvent> = {
  category: 'operation',
  events: operationEvents,
  initial: new Set(),
  decide({ type, ...data }, done, { today }) {
    const event = { type: RECORDS[type], data, effectiveOn: today } as OperationEvent;
    return done.has(aboutOf(event)) ? [] : [event];
  },
  evolve: (done, event) => new Set(done).add(aboutOf(event)),
};

/** What an operation is about, whatever the reason that was given. */
function aboutOf({ type, data }: OperationEvent): string {
  switch (type) {
    case 'LogSalvaged':
      return `${type} ${data.salvage} ${data.part}`;
    case 'ClockConfirmed':
      return `${type} ${data.clock}`;
    case 'ClockAnomalyAcknowledged':
      return `${type} ${data.from} ${data.to}`;
    case 'SigningKeyReplaced':
      return `${type} ${data.key}`;
    // Keys may be lost more than once.
    case 'KeysForsaken':
      return `${type} ${data.keys} ${data.reason}`;
    default:
      return type satisfies never;
  }
}
