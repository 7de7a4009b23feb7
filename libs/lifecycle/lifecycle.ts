import { moroccanWorkingDays } from '#calendar';
import { checkDefinition, type Defect } from './check.js';
import type { Labels, LifecycleDefinition, Stage, StageKind, Transition, Visa } from './definition.js';
import type { LifecycleFacts } from './facts.js';
import { compileGuard, type Guard } from './guard.js';
import { type LegalEffect, legalEffectOf } from './legal-effect.js';
import { type Means, type Missing, missingOf } from './requirements.js';

/** Thrown when a text is not a lifecycle definition; lists every defect with its place. */
export class InvalidLifecycle extends Error {
  constructor(readonly defects: Defect[]) {
    super(
      `The lifecycle definition has ${defects.length} defect(s):\n${defects
        .map(({ place, message }) => `- ${place}: ${message}`)
        .join('\n')}`,
    );
    this.name = 'InvalidLifecycle';
  }
}

/** A checked definition, ready to be asked. Pure: it knows no clock and no agreement. */
export class Lifecycle {
  private readonly stages: Map<string, Stage>;
  private readonly visas: Map<string, Visa>;
  private readonly leaving = new Map<string, Transition[]>();
  private readonly guards = new Map<string, Guard>();
  private readonly means: Means;

  private constructor(readonly definition: LifecycleDefinition) {
    this.stages = new Map(definition.stages.map((stage) => [stage.id, stage]));
    this.visas = new Map(definition.visas?.map((visa) => [visa.id, visa]));
    for (const stage of this.stages.keys()) {
      this.leaving.set(
        stage,
        definition.transitions.filter(({ from }) => from.includes(stage)),
      );
    }
    for (const { requires = [] } of definition.transitions) {
      for (const one of requires) if ('guard' in one) this.guards.set(one.guard, compileGuard(one.guard));
    }
    this.means = {
      calendar: moroccanWorkingDays,
      labelsOfVisa: (visa) => this.visas.get(visa)!.labels,
      guard: (expression) => this.guards.get(expression)!,
      legalEffect: (facts) => this.legalEffect(facts),
    };
  }

  /**
   * @param content what a YAML or JSON parser gave
   * @throws InvalidLifecycle with all defects at once
   */
  static from(content: unknown): Lifecycle {
    const checked = checkDefinition(content);
    if (!checked.definition) throw new InvalidLifecycle(checked.defects);
    return new Lifecycle(checked.definition);
  }

  /**
   * A definition that was published, as it was: what has once been in force stays readable for ever, even where the
   * rules for new ones have become stricter.
   */
  static published(definition: LifecycleDefinition): Lifecycle {
    return new Lifecycle(definition);
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

  labelsOf(stage: string): Labels {
    return this.stages.get(stage)?.labels ?? { fr: stage, en: stage, ar: stage };
  }

  visa(id: string): Visa | undefined {
    return this.visas.get(id);
  }

  transition(id: string): Transition | undefined {
    return this.definition.transitions.find((transition) => transition.id === id);
  }

  /** The transitions that lead out of a stage, those that only the engine makes included. */
  transitionsFrom(stage: string): readonly Transition[] {
    return this.leaving.get(stage) ?? [];
  }

  /** What stands in the way of a transition, in the order of the definition; nothing when it can be made. Roles aside. */
  missing(transition: Transition, facts: LifecycleFacts): Missing[] {
    return (transition.requires ?? []).flatMap((requirement) => missingOf(requirement, facts, this.means));
  }

  /** Since when and until when an agreement with these facts binds, or what is awaited. */
  legalEffect(facts: LifecycleFacts): LegalEffect {
    return legalEffectOf(this.definition, facts);
  }

  /** The day on which an automatic transition takes effect: the one that it waited for, else today. */
  effectiveDay({ requires = [] }: Transition, facts: LifecycleFacts): string {
    const { entryIntoForce, term } = this.legalEffect(facts);
    if (requires.some((one) => 'term' in one) && term?.until) return term.until;
    const waitsForForce = requires.some((one) => 'entryIntoForce' in one);
    return waitsForForce && entryIntoForce?.status === 'determined' ? entryIntoForce.on : facts.today;
  }

  /** The visas that transitions out of a stage wait for. */
  visasIn(stage: string): Visa[] {
    const wanted = this.transitionsFrom(stage).flatMap(({ requires = [] }) =>
      requires.flatMap((one) => ('visas' in one ? one.visas : [])),
    );
    return [...new Set(wanted)].map((id) => this.visas.get(id)!);
  }

  /** The transition that the engine makes by itself in this stage on the first or the last signature, if any. */
  onSignature(stage: string, which: 'first-signature' | 'last-signature'): Transition | undefined {
    return this.transitionsFrom(stage).find(({ automatic }) => automatic === which);
  }

  /** The transition that the engine makes by itself because all that it requires is there, if any. */
  ready(facts: LifecycleFacts): Transition | undefined {
    return this.transitionsFrom(facts.stage).find(
      (transition) => transition.automatic === 'ready' && this.missing(transition, facts).length === 0,
    );
  }
}
