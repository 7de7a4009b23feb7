import { join } from 'node:path';
import { binaryEvent, EventStoreDBClient, jsonEvent, MaxAppendSizeExceededError } from '@eventstore/db-client';
import { startEmbeddedEventStore } from '#embedded-eventstore';
import { Random } from '../fuzz/random.js';
import { type Json, spoiled } from '../fuzz/values.js';

/** An event that no rule would have written, and where it goes. */
export interface Poison {
  stream: string;
  type: string;
  data: Json | Buffer;
  metadata: Json;
}

const METADATA = {
  commandId: 'by-hand',
  correlationId: 'by-hand',
  actor: { kind: 'system', id: 'by-hand' },
  recordedAt: '2026-11-25T09:00:00.000Z',
  effectiveOn: '2018-03-15',
};

/** Metadata of the right shape that says what cannot be, each as it was once found to stop something. */
const SUBTLE: Json[] = [
  { ...METADATA, effectiveOn: 'garbage' },
  { ...METADATA, effectiveOn: '' },
  { ...METADATA, effectiveOn: '2018-13-45' },
  { ...METADATA, effectiveOn: '-0044-03-15' },
  { ...METADATA, actor: { kind: 'user', id: 'x', roles: 'admin' } },
  { ...METADATA, recordedAt: '2026-11-25 (é\r\n😀)' },
];

const WORDS = { fr: 'x', en: 'x', ar: 'x' };
const ROUND: Json = {
  ...{ id: 'round', labels: WORDS, appliesTo: ['exchange-of-letters'], initial: 'a' },
  stages: [
    ...['a', 'b'].map((id) => ({ id, kind: 'preparation', labels: WORDS })),
    { id: 'z', kind: 'ended', labels: WORDS },
  ],
  transitions: ['ab', 'ba'].map(([from, to]) => ({
    ...{ id: `${from}${to}`, from: [from!], to: to!, labels: WORDS },
    ...{ records: 'AgreementStageChanged', automatic: 'ready' },
  })),
};

/** Of the right shape each, and together what no checker would have let through; and what keeps house, broken. */
function housePoisons(recorded: Record<string, unknown>): Poison[] {
  const drafted = 'agreement.agreement-drafted.v1';
  const under = (lifecycle: string, stage: string): Json => ({
    ...(recorded[drafted] as Record<string, Json>),
    ...{ lifecycle: { id: lifecycle, version: 1 }, stage, kind: 'preparation' },
  });
  return (
    [
      [
        'lifecycle-catalogue',
        'lifecycle.lifecycle-published.v1',
        { lifecycle: 'round', version: 1, definition: ROUND },
      ],
      ['agreement-going-round', drafted, under('round', 'a')],
      ['agreement-under-nothing', drafted, under('unheard-of', 'somewhere')],
      ['operation-house', 'operation.event-skipped.v1', { consumer: 'x', stream: 'x', event: 'y', reason: 'z' }],
      ['checkpoint-log', 'checkpoint.checkpoint-signed.v1', { note: 'x', keys: [] }],
    ] as [string, string, Json][]
  ).map(([stream, type, data]) => ({ stream, type, data, metadata: METADATA }));
}

/** Whole agreements and reminders that differ from sound ones in that alone: nothing else keeps them from being read. */
export function subtlePoisons(recorded: Record<string, unknown>): Poison[] {
  const drafted = 'agreement.agreement-drafted.v1';
  const scheduled = 'reminder.reminder-scheduled.v1';
  const halves = { ...(recorded[scheduled] as Record<string, Json>), key: 'half \ud83d' };
  return [
    ...SUBTLE.map((metadata, n) => ({
      stream: `agreement-subtle-${n}`,
      type: drafted,
      data: recorded[drafted] as Json,
      metadata,
    })),
    { stream: 'reminder-agreement.subtle', type: scheduled, data: halves, metadata: METADATA },
    ...housePoisons(recorded),
  ];
}

/**
 * Makes events of every kind of wrong, the same for the same seed.
 *
 * @param recorded an event of every stored name, as it should be
 * @param victims subjects that there are, by their category; events of other categories go to subjects of their own
 */
export function poisons(
  seed: number,
  count: number,
  recorded: Record<string, unknown>,
  victims: Record<string, string[]>,
): Poison[] {
  const names = Object.keys(recorded);
  const references = [...Object.values(victims).flat(), ...names];
  return Array.from({ length: count }, (_, number) => {
    const random = new Random(seed, number);
    const name = random.pick(names);
    const category = name.split('.')[0]!;
    const subject = random.pick(victims[category] ?? [`poison-${number}`]);
    const poison = {
      stream: `${category}-${subject}`,
      type: name,
      data: recorded[name] as Json,
      metadata: METADATA as Json,
    };
    const kind = random.weighted({ shape: 50, foreign: 8, bytes: 8, metadata: 14, order: 12, stream: 8 });
    if (kind === 'foreign')
      return { ...poison, type: random.pick(['legacy.changed', 'agreement.signature-recorded.v999', 'x']) };
    if (kind === 'bytes') return { ...poison, data: Buffer.from(random.pick(['{"half":', '\u0000', '', '[1]'])) };
    if (kind === 'metadata') return { ...poison, metadata: spoiled(METADATA, random, references) };
    // The right shape at the wrong time.
    if (kind === 'order') return poison;
    if (kind === 'stream')
      return { ...poison, stream: random.pick(['nohyphen', 'agreement-', '-x', 'agreement-é 😀', 'project-a/b%00']) };
    return { ...poison, data: spoiled(poison.data, random, references) };
  });
}

/**
 * Appends events to the log of a stopped server by the bare client, as whoever shares the event store could.
 *
 * @param tombstoned streams that are deleted for good afterwards
 */
export const append = (dataFolder: string, events: Poison[], tombstoned: string[] = []): Promise<void> =>
  byBareClient(dataFolder, async (client) => {
    for (const { stream, type, data, metadata } of events) {
      const appending = client.appendToStream(
        stream,
        Buffer.isBuffer(data)
          ? binaryEvent({ type, data, metadata: Buffer.from(JSON.stringify(metadata)) })
          : jsonEvent({ type, data: data as Record<string, Json>, metadata: metadata as Record<string, Json> }),
      );
      // What the store itself does not take never stands in a log.
      await appending.catch((error: unknown) => {
        if (!(error instanceof MaxAppendSizeExceededError)) throw error;
      });
    }
    for (const stream of tombstoned) await client.tombstoneStream(stream);
  });

/** Appends to every stream of the log of a stopped server an event of a kind that is in it, of which nobody can say who did it when. */
export const spoilEveryStream = (dataFolder: string): Promise<void> =>
  byBareClient(dataFolder, async (client) => {
    const kinds = new Map<string, string>();
    for await (const { event } of client.readAll()) if (event) kinds.set(event.streamId, event.type);
    for (const [stream, type] of kinds)
      if (!stream.startsWith('$')) await client.appendToStream(stream, jsonEvent({ type, data: {}, metadata: {} }));
  });

async function byBareClient(dataFolder: string, work: (client: EventStoreDBClient) => Promise<void>): Promise<void> {
  const store = await startEmbeddedEventStore({ folder: join(dataFolder, 'events') });
  const client = new EventStoreDBClient({ endpoint: store.endpoint, throwOnAppendFailure: true }, { insecure: true });
  try {
    await work(client);
  } finally {
    await client.dispose();
    await store.close();
  }
}
