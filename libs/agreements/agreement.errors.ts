import { Refusal } from '#event-sourcing';
import { type Missing, phraseOf } from '#lifecycle';

/** Thrown when an agreement of this id exists already. */
export class AgreementExists extends Refusal {
  readonly code = 'AGREEMENT.EXISTS';
  constructor(id: string) {
    super(`There is already an agreement '${id}'.`);
  }
}

/** Thrown when a stage is named that the lifecycle does not have. */
export class StageUnknown extends Refusal {
  readonly code = 'AGREEMENT.STAGE_UNKNOWN';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(stage: string, lifecycle: string, allowed: string[]) {
    super(
      `The lifecycle '${lifecycle}' has no stage '${stage}'. It has: ${allowed.join(', ')}. Another lifecycle can be named.`,
    );
    this.details = { field: 'stage', allowed };
  }
}

/** Thrown when a transition is asked for that the lifecycle does not have, or does not have in this stage. */
export class TransitionNotAllowed extends Refusal {
  readonly code = 'AGREEMENT.TRANSITION_NOT_ALLOWED';
  override readonly details: Record<string, unknown>;
  constructor(transition: string, stage: string, allowed: string[]) {
    super(
      `The transition '${transition}' is not possible in the stage '${stage}'. Possible are: ${allowed.join(', ') || 'none'}.`,
    );
    this.details = { field: 'transition', stage, allowed };
  }
}

/** Thrown when someone asks for a transition that the engine makes by itself. */
export class TransitionIsAutomatic extends Refusal {
  readonly code = 'AGREEMENT.TRANSITION_IS_AUTOMATIC';
  constructor(transition: string) {
    super(`The transition '${transition}' happens by itself when the signatures are there; record the signatures.`);
  }
}

/** Thrown when the lifecycle reserves a transition for roles that the user does not have. */
export class TransitionReserved extends Refusal {
  readonly code = 'AGREEMENT.TRANSITION_RESERVED';
  override readonly status = 403;
  override readonly details: Record<string, unknown>;
  constructor(transition: string, roles: string[]) {
    super(`The transition '${transition}' is reserved for: ${roles.join(', ')}.`);
    this.details = { roles };
  }
}

/** Thrown when a transition comes without the reason that its lifecycle asks for. */
export class ReasonMissing extends Refusal {
  readonly code = 'AGREEMENT.REASON_MISSING';
  override readonly status = 422;
  override readonly details = { field: 'reason' };
  constructor(transition: string) {
    super(`A reason must be given for '${transition}'.`);
  }
}

/** Thrown when a signature is recorded or declined while the agreement is not up for signature. */
export class NotInSignatureStage extends Refusal {
  readonly code = 'AGREEMENT.NOT_IN_SIGNATURE_STAGE';
  override readonly details: Record<string, unknown>;
  constructor(stage: string) {
    super(`Signatures are recorded while an agreement is up for signature; this one is in the stage '${stage}'.`);
    this.details = { stage };
  }
}

/** Thrown when there is no such signature slot. */
export class SlotUnknown extends Refusal {
  readonly code = 'AGREEMENT.SLOT_UNKNOWN';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(slot: string, allowed: string[]) {
    super(`There is no signature slot '${slot}'. Slots still open: ${allowed.join(', ') || 'none'}.`);
    this.details = { field: 'slot', allowed };
  }
}

/** Thrown when the slot carries a signature already. A wrong one is corrected, never overwritten. */
export class SlotAlreadySigned extends Refusal {
  readonly code = 'AGREEMENT.SLOT_ALREADY_SIGNED';
  override readonly details: Record<string, unknown>;
  constructor(slot: string, signedOn: string) {
    super(`The slot '${slot}' was already signed on ${signedOn}.`);
    this.details = { slot, signedOn };
  }
}

/** Thrown when a fact is dated after today. */
export class DatedInFuture extends Refusal {
  readonly code = 'AGREEMENT.DATED_IN_FUTURE';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(field: string, date: string, today: string) {
    super(`${field} is ${date}, which is after today (${today}). What has not happened yet cannot be recorded.`);
    this.details = { field, latest: today };
  }
}

/** Thrown when a slot names a party that the agreement does not have, or two slots share an id. */
export class SlotsInvalid extends Refusal {
  readonly code = 'AGREEMENT.SLOTS_INVALID';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(message: string, parties: string[]) {
    super(message);
    this.details = { field: 'slots', parties };
  }
}

/** Thrown when something that the lifecycle requires for a transition is not there yet; lists all of it. */
export class RequirementsMissing extends Refusal {
  readonly code = 'AGREEMENT.REQUIREMENTS_MISSING';
  override readonly details: Record<string, unknown>;
  constructor(transition: string, missing: Missing[]) {
    const labels = missing.map((one) => phraseOf(one, (party) => party));
    super(`'${transition}' is not possible yet. ${labels.map(({ en }) => en).join(' ')}`);
    this.details = { field: 'transition', missing: missing.map((one, index) => ({ ...one, message: labels[index] })) };
  }
}

/** Thrown when a visa is given or refused that nothing waits for in the present stage. */
export class VisaNotWanted extends Refusal {
  readonly code = 'AGREEMENT.VISA_NOT_WANTED';
  override readonly details: Record<string, unknown>;
  constructor(visa: string, stage: string, allowed: string[]) {
    super(`The stage '${stage}' waits for no visa '${visa}'. It waits for: ${allowed.join(', ') || 'none'}.`);
    this.details = { field: 'visa', allowed };
  }
}

/** Thrown when the lifecycle reserves a visa for roles that the user does not have. */
export class VisaReserved extends Refusal {
  readonly code = 'AGREEMENT.VISA_RESERVED';
  override readonly status = 403;
  override readonly details: Record<string, unknown>;
  constructor(visa: string, roles: string[]) {
    super(`The visa '${visa}' is reserved for: ${roles.join(', ')}.`);
    this.details = { roles };
  }
}

/** Thrown when other visas must be given before this one. */
export class VisaTooEarly extends Refusal {
  readonly code = 'AGREEMENT.VISA_TOO_EARLY';
  override readonly details: Record<string, unknown>;
  constructor(visa: string, first: string[]) {
    super(`The visa '${visa}' comes after: ${first.join(', ')}.`);
    this.details = { field: 'visa', first };
  }
}

/** Thrown when a visa would be given by a person who drafted the agreement or gave another visa that excludes it. */
export class VisaBySamePerson extends Refusal {
  readonly code = 'AGREEMENT.VISA_BY_SAME_PERSON';
  override readonly status = 403;
  override readonly details: Record<string, unknown>;
  constructor(visa: string, conflict: string) {
    super(
      conflict === 'drafter'
        ? `The visa '${visa}' must be given by someone other than whoever registered the agreement.`
        : `The visa '${visa}' must be given by someone other than whoever gave the visa '${conflict}'.`,
    );
    this.details = { field: 'visa', conflict };
  }
}

/** Thrown when a lifecycle is named that was not published, or is retired. */
export class LifecycleNotPublished extends Refusal {
  readonly code = 'AGREEMENT.LIFECYCLE_NOT_PUBLISHED';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(lifecycle: string, allowed: string[]) {
    super(`There is no lifecycle '${lifecycle}' to come under. There are: ${allowed.join(', ')}.`);
    this.details = { field: 'lifecycle', allowed };
  }
}

/** Thrown when an agreement cannot be put under another version as it stands. */
export class MigrationRefused extends Refusal {
  readonly code = 'AGREEMENT.MIGRATION_REFUSED';
  constructor(why: string) {
    super(`The agreement cannot come under this version: ${why}.`);
  }
}

/** Thrown when consent is recorded for an organisation that is not a party. */
export class NotAParty extends Refusal {
  readonly code = 'AGREEMENT.NOT_A_PARTY';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(party: string, allowed: string[]) {
    super(`'${party}' is not a party. Parties are: ${allowed.join(', ')}.`);
    this.details = { field: 'party', allowed };
  }
}

/** Thrown when a party's consent was recorded before, on another day or by another act. */
export class ConsentExpressedAlready extends Refusal {
  readonly code = 'AGREEMENT.CONSENT_EXPRESSED_ALREADY';
  override readonly details: Record<string, unknown>;
  constructor(party: string, on: string) {
    super(`The consent of '${party}' was already recorded, on ${on}.`);
    this.details = { party, on };
  }
}

/** Thrown while another process has published a version that this one is about to hear of. */
export class LifecycleNotKnownYet extends Refusal {
  readonly code = 'AGREEMENT.LIFECYCLE_NOT_KNOWN_YET';
  override readonly status = 503;
  constructor({ id, version }: { id: string; version: number }) {
    super(`Version ${version} of the lifecycle '${id}' is not known here yet. Try again in a moment.`);
  }
}

/** Thrown when the automatic transitions of a lifecycle, which no check has seen, lead to one another for ever. */
export class LifecycleCircular extends Refusal {
  readonly code = 'AGREEMENT.LIFECYCLE_CIRCULAR';
  constructor(lifecycle: { id: string; version: number } | undefined) {
    super(
      `The automatic transitions of the lifecycle '${lifecycle?.id ?? 'stock'}' lead to one another for ever: nothing comes of it. Publish a version without that, and migrate the agreement to it.`,
    );
  }
}

/** Thrown when a signature is corrected or taken back that was not recorded. */
export class SlotNotSigned extends Refusal {
  readonly code = 'AGREEMENT.SLOT_NOT_SIGNED';
  override readonly details: Record<string, unknown>;
  constructor(slot: string) {
    super(`No signature is recorded in the slot '${slot}'.`);
    this.details = { field: 'slot' };
  }
}

/** Thrown when an override is asked for of a transition that nothing stands in the way of. */
export class NothingToOverride extends Refusal {
  readonly code = 'AGREEMENT.NOTHING_TO_OVERRIDE';
  constructor(transition: string) {
    super(`Nothing is missing for '${transition}'; it can be made as it is.`);
  }
}

/** Thrown when an override is granted that nobody asked for. */
export class OverrideNotRequested extends Refusal {
  readonly code = 'AGREEMENT.OVERRIDE_NOT_REQUESTED';
  override readonly details: Record<string, unknown>;
  constructor(transition: string, allowed: string[]) {
    super(`Nobody asked for an override of '${transition}'. Asked for: ${allowed.join(', ') || 'none'}.`);
    this.details = { field: 'transition', allowed };
  }
}

/** Thrown when an override is granted by the one who asked for it. */
export class OverrideBySamePerson extends Refusal {
  readonly code = 'AGREEMENT.OVERRIDE_BY_SAME_PERSON';
  override readonly status = 403;
  constructor(transition: string) {
    super(`The override of '${transition}' must be granted by someone other than whoever asked for it.`);
  }
}

/** Thrown when a slot is signed before others that come first by the order of the lifecycle. */
export class SignatureTooEarly extends Refusal {
  readonly code = 'AGREEMENT.SIGNATURE_TOO_EARLY';
  override readonly details: Record<string, unknown>;
  constructor(slot: string, first: string[]) {
    super(`The slot '${slot}' is signed after: ${first.join(', ')}.`);
    this.details = { field: 'slot', first };
  }
}

/** Thrown when somebody signs whose full powers are wanted and not there (VCLT art. 7). */
export class FullPowersMissing extends Refusal {
  readonly code = 'AGREEMENT.FULL_POWERS_MISSING';
  override readonly details: Record<string, unknown>;
  constructor(slot: string) {
    super(
      `Whoever signs in the slot '${slot}' needs full powers: record them as held or dispensed with, state the office that needs none, or record the signature as unauthorised.`,
    );
    this.details = { field: 'slot', slot };
  }
}

/** Thrown when a signature is confirmed that waits for no confirmation. */
export class SlotNotToBeConfirmed extends Refusal {
  readonly code = 'AGREEMENT.SLOT_NOT_TO_BE_CONFIRMED';
  constructor(slot: string) {
    super(`The slot '${slot}' is not signed ad referendum or without authority, so there is nothing to confirm.`);
  }
}

/** Thrown when a renewal is recorded that the terms do not provide for. */
export class NotRenewable extends Refusal {
  readonly code = 'AGREEMENT.NOT_RENEWABLE';
  constructor(why: string) {
    super(`The agreement cannot be renewed expressly: ${why}.`);
  }
}

/** Thrown when an agreement states what it amends, and is linked to nothing as amending it. */
export class NothingAmended extends Refusal {
  readonly code = 'AGREEMENT.NOTHING_AMENDED';
  constructor() {
    super("The agreement amends nothing: link it as 'amends' to the agreement that it changes first.");
  }
}

/** Thrown when the lifecycle of a superseded agreement has no way to end it from its stage. */
export class CannotBeSuperseded extends Refusal {
  readonly code = 'AGREEMENT.CANNOT_BE_SUPERSEDED';
  constructor(stage: string, by: string) {
    super(`'${by}' supersedes it, but its lifecycle has no transition for that from the stage '${stage}'.`);
  }
}

/** Thrown when a follow-up of the same id is open already. */
export class FollowUpExists extends Refusal {
  readonly code = 'AGREEMENT.FOLLOW_UP_EXISTS';
  constructor(followUp: string) {
    super(`There is already an open follow-up '${followUp}'.`);
  }
}

/** Thrown when there is no such open follow-up. */
export class FollowUpUnknown extends Refusal {
  readonly code = 'AGREEMENT.FOLLOW_UP_UNKNOWN';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(followUp: string, allowed: string[]) {
    super(`There is no open follow-up '${followUp}'. Open are: ${allowed.join(', ') || 'none'}.`);
    this.details = { field: 'followUp', allowed };
  }
}
