import type { Recorded } from '#event-sourcing';
import { type Counts, eventsAt, type Moment } from '#web-api';
import type { AgreementEvent } from './agreement.events.js';

/** What completes or corrects the record and is no event of the agreement's life: as known now, it was always so. */
const ALWAYS = new Set(['ParticularsChanged', 'AgreementMigrated', 'MigrationDeclined', 'SignatureCorrected']);

/**
 * Those of an agreement's events that were the case at a moment. As known then, a corrected signature counts from the day that is right,
 * and one that was recorded in error never.
 */
export const agreementEventsAt = (events: Recorded<AgreementEvent>[], moment: Moment): Recorded<AgreementEvent>[] =>
  eventsAt(events, moment, countsIn);

function countsIn(events: Recorded<AgreementEvent>[]): (event: Recorded<AgreementEvent>) => Counts {
  const counts = new Map<string, Counts>();
  const signatures = new Map<string, string>();
  let signed: string | undefined;
  for (const event of events) {
    const { id, type, data } = event;
    if (type === 'SignatureRecorded') signatures.set(data.slot, id);
    if (type === 'AgreementSigned') signed = id;
    if (type === 'SignatureCorrected') {
      const wrong = signatures.get(data.slot);
      if (wrong && data.signedOn) counts.set(wrong, { on: data.signedOn });
      if (wrong) counts.set(id, counts.get(wrong) ?? 'always');
      if (signed && data.agreementSignedOn) counts.set(signed, { on: data.agreementSignedOn });
    }
    if (type === 'SignatureVoided') {
      const wrong = signatures.get(data.slot);
      if (wrong) counts.set(wrong, 'never');
      counts.set(id, 'never');
    }
  }
  return ({ id, type, effectiveOn }) => counts.get(id) ?? (ALWAYS.has(type) ? 'always' : { on: effectiveOn });
}
