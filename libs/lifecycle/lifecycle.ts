import { z } from 'zod';

/** What a stage means for the rest of the product. */
export const STAGE_KINDS = [
  'preparation',
  'signature',
  'signed',
  'ratification',
  'active',
  'suspended',
  'ended',
] as const;
export type StageKind = (typeof STAGE_KINDS)[number];

/** The events that a transition may record: the fixed vocabulary of an agreement's life. */
export const TRANSITION_EVENTS = [
  'AgreementSubmitted',
  'AgreementReturned',
  'AgreementInitialled',
  'AgreementApproved',
  'AgreementSentForSignature',
  'AgreementSigned',
  'AgreementRatified',
  'AgreementEnteredIntoForce',
  'AgreementSuspended',
  'AgreementResumed',
  'AgreementRenewed',
  'AgreementDenounced',
  'AgreementTerminated',
  'AgreementExpired',
  'AgreementWithdrawn',
  'AgreementStageChanged',
] as const;
export type TransitionEvent = (typeof TRANSITION_EVENTS)[number];

const labels = z.strictObject({ fr: z.string().min(1), en: z.string().min(1), ar: z.string().min(1) });
const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');

const definitionSchema = z.strictObject({
  id: name,
  labels,
  initial: name,
  stages: z
    .array(
      z.strictObject({
        id: name,
        kind: z.enum(STAGE_KINDS),
        labels,
        /** Without progress for so many working days it counts as overdue, and its owner is reminded. */
        idleAfterWorkingDays: z.int().min(1).max(1000).optional(),
      }),
    )
    .min(1),
  transitions: z.array(
    z.strictObject({
      id: name,
      from: z.array(name).min(1),
      to: name,
      records: z.enum(TRANSITION_EVENTS),
      labels,
      /** A reason must come with it. */
      reason: z.literal('required').optional(),
      /** Who may make it, where not every officer may. */
      roles: z.array(name).optional(),
      /** The engine makes it by itself when this happens; nobody can ask for it. */
      automatic: z.enum(['first-signature', 'last-signature']).optional(),
    }),
  ),
});

export type LifecycleDefinition = z.infer<typeof definitionSchema>;
export type Stage = LifecycleDefinition['stages'][number];
export type Transition = LifecycleDefinition['transitions'][number];

/** Thrown when a text is not a lifecycle definition; lists every defect with its place. */
export class InvalidLifecycle extends Error {
  constructor(readonly defects: string[]) {
    super(
      `The lifecycle definition has ${defects.length} defect(s):\n${defects.map((defect) => `- ${defect}`).join('\n')}`,
    );
    this.name = 'InvalidLifecycle';
  }
}

/** A checked definition, ready to be asked. Pure: it knows no clock and no agreement. */
export class Lifecycle {
  private readonly stages: Map<string, Stage>;

  private constructor(readonly definition: LifecycleDefinition) {
    this.stages = new Map(definition.stages.map((stage) => [stage.id, stage]));
  }

  /**
   * @param definition what a YAML or JSON parser gave
   * @throws InvalidLifecycle with all defects at once
   */
  static from(definition: unknown): Lifecycle {
    const parsed = definitionSchema.safeParse(definition);
    if (!parsed.success)
      throw new InvalidLifecycle(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
    const defects = defectsOf(parsed.data);
    if (defects.length > 0) throw new InvalidLifecycle(defects);
    return new Lifecycle(parsed.data);
  }

  get initial(): string {
    return this.definition.initial;
  }

  hasStage(stage: string): boolean {
    return this.stages.has(stage);
  }

  /** The kind of a stage; a stage of a former definition that this one does not have counts as `preparation`. */
  kindOf(stage: string): StageKind {
    return this.stages.get(stage)?.kind ?? 'preparation';
  }

  idleAfter(stage: string): number | undefined {
    return this.stages.get(stage)?.idleAfterWorkingDays;
  }

  labelsOf(stage: string): Stage['labels'] {
    return this.stages.get(stage)?.labels ?? { fr: stage, en: stage, ar: stage };
  }

  transition(id: string): Transition | undefined {
    return this.definition.transitions.find((transition) => transition.id === id);
  }

  /** The transitions that lead out of a stage, those that only the engine makes included. */
  transitionsFrom(stage: string): Transition[] {
    return this.definition.transitions.filter((transition) => transition.from.includes(stage));
  }

  /** The transition that the engine makes by itself in this stage when that happens, if any. */
  automaticFrom(stage: string, occasion: NonNullable<Transition['automatic']>): Transition | undefined {
    return this.transitionsFrom(stage).find((transition) => transition.automatic === occasion);
  }
}

function defectsOf({ initial, stages, transitions }: LifecycleDefinition): string[] {
  const defects: string[] = [];
  const known = new Set(stages.map((stage) => stage.id));
  const unknown = (place: string, stage: string) => {
    if (!known.has(stage)) defects.push(`${place}: there is no stage '${stage}'; stages are ${[...known].join(', ')}`);
  };
  unknown('initial', initial);
  for (const { id, from, to } of transitions) {
    for (const stage of from) unknown(`transitions.${id}.from`, stage);
    unknown(`transitions.${id}.to`, to);
  }
  for (const [kind, ids] of [
    ['stages', stages.map((stage) => stage.id)],
    ['transitions', transitions.map((transition) => transition.id)],
  ] as const) {
    for (const id of new Set(ids.filter((candidate, index) => ids.indexOf(candidate) !== index)))
      defects.push(`${kind}: '${id}' is defined twice`);
  }
  return defects;
}
