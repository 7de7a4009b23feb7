import { z } from 'zod';
import { type CommandsOf, commandCatalogue, type Decider, type EventCatalogue, type EventsOf } from '#event-sourcing';

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

const skip = z.object({
  /** The consumer that does without the event, as operators call it. */
  consumer: z.string().max(200),
  stream: z.string().max(1024),
  /** The id of the event. */
  event: z.uuid(),
  reason: operationReason,
});

const acknowledgedLog = z.object({
  /** Those that stopped because the log is another one, or was rewound. */
  consumers: z.array(z.string().max(200)).min(1).max(1_000),
  /** The first event of the log that is right, by which it is known. */
  firstEvent: z.uuid(),
  /** From where they go on: they act on nothing that stands there already, or look at all of it once more. */
  from: z.enum(['end', 'beginning']),
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
  /** A consumer does without an event that it cannot apply. */
  EventSkipped: { schema: skip },
  /** The log that is there now is the right one, though what was derived before came from another. */
  LogAcknowledged: { schema: acknowledgedLog },
} satisfies EventCatalogue;

export type OperationEvent = EventsOf<typeof operationEvents>;
export type SalvagePart = z.infer<typeof salvage>;
export type ClockAcknowledgement = z.infer<typeof acknowledgement>;

/** What operators may say of the house. Administrators alone, and whoever sits at its machine. */
export const operationCommands = commandCatalogue('operation', [], {
  RecordSalvage: { schema: salvage.strict() },
  ConfirmClock: { schema: confirmation.strict() },
  AcknowledgeClockAnomaly: { schema: acknowledgement.strict() },
  ReplaceSigningKey: { schema: replacement.strict() },
  ForsakeKeys: { schema: forsaken.strict() },
  SkipEvent: { schema: skip.strict() },
  AcknowledgeLog: { schema: acknowledgedLog.strict() },
});
export type OperationCommand = CommandsOf<typeof operationCommands>;

/** The one stream in which all of it stands: `operation-house`. */
export const HOUSE = 'house';

const RECORDS = {
  RecordSalvage: 'LogSalvaged',
  ConfirmClock: 'ClockConfirmed',
  AcknowledgeClockAnomaly: 'ClockAnomalyAcknowledged',
  ReplaceSigningKey: 'SigningKeyReplaced',
  ForsakeKeys: 'KeysForsaken',
  SkipEvent: 'EventSkipped',
  AcknowledgeLog: 'LogAcknowledged',
} as const satisfies Record<OperationCommand['type'], OperationEvent['type']>;

/** Records what was done, once: an operator who says the same again about the same adds nothing. */
export const operationDecider: Decider<readonly string[], typeof operationCommands, OperationEvent> = {
  commands: operationCommands,
  events: operationEvents,
  passesOver: true,
  initial: [],
  decide({ type, ...data }, done, { today }) {
    const event = { type: RECORDS[type], data, effectiveOn: today } as OperationEvent;
    return done.includes(aboutOf(event)) ? [] : [event];
  },
  evolve: (done, event) => [...done, aboutOf(event)],
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
    case 'EventSkipped':
      return `${type} ${data.consumer} ${data.event}`;
    // Another log may turn up more than once.
    case 'LogAcknowledged':
      return `${type} ${data.consumers.join()} ${data.reason}`;
    // Keys may be lost more than once.
    case 'KeysForsaken':
      return `${type} ${data.keys} ${data.reason}`;
    default:
      return type satisfies never;
  }
}
