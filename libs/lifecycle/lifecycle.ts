import { Calendars, endOfSpan, type Span } from '#calendar';
import { checkDefinition, type Defect } from './check.js';
import { type Ages, agesOf, type Deadlines, deadlinesAfter, type Passage, type Timing } from './deadlines.js';
import type {
  Clock,
  Labels,
  LifecycleDefinition,
  Requirement,
  Stage,
  StageKind,
  Transition,
  Visa,
} from './definition.js';
import { type Facets, facetsOf } from './facets.js';
import type { LifecycleFacts } from './facts.js';
import { compileGuard, type Guard } from './guard.js';
import { type LegalEffect, legalEffectOf } from './legal-effect.js';
import { type Means, type Missing, missingOf } from './requirements.js';
import { isBinding } from './signing.js';

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

/**
 * A checked definition, ready to be asked. Pure: it knows no clock and no agreement. It counts working days as its calendars say; those
 * of a lifecycle that stands in no {@link Lifecycles} know what can be foreseen only.
 */
export class Lifecycle {
  private readonly stages: Map<string, Stage>;
  private readonly visas: Map<string, Visa>;
  private readonly leaving = new Map<string, Transition[]>();
  private readonly guards = new Map<string, Guard>();
  private readonly means: Means;
  private readonly timing: Timing;

  private constructor(
    readonly definition: LifecycleDefinition,
    private readonly calendars = new Calendars(),
  ) {
    this.stages = new Map(definition.stages.map((stage) => [stage.id, stage]));
    this.visas = new Map(definition.visas?.map((visa) => [visa.id, visa]));
    for (const stage of this.stages.keys()) {
      this.leaving.set(
        stage,
        definition.transitions.filter(({ from }) => from.includes(stage)),
      );
    }
    this.means = {
      labelsOfVisa: (visa) => this.visas.get(visa)!.labels,
      guard: (expression) => this.guardOf(expression),
      legalEffect: (facts) => this.legalEffect(facts),
      workingDaysOf: (countries) => this.calendars.workingDaysOf(countries),
    };
    this.timing = {
      definition,
      kindOf: (stage) => this.kindOf(stage),
      clockOf: (stage) => this.clockOf(stage),
      spanOf: (stage) => this.stages.get(stage)?.deadline,
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

  /** Read when it is asked for first: most lifecycles that there are are asked nothing. */
  private guardOf(expression: string): Guard {
    const guard = this.guards.get(expression) ?? compileGuard(expression);
    this.guards.set(expression, guard);
    return guard;
  }

  /** The same, counting working days by other calendars. */
  countingWith(calendars: Calendars): Lifecycle {
    return new Lifecycle(this.definition, calendars);
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

  /** Whose time runs in a stage. */
  clockOf(stage: string): Clock {
    return this.stages.get(stage)?.clock ?? 'us';
  }

  /** The deadlines that an agreement has when it has just come to the end of this path, by the parties' countries. */
  deadlinesAfter(path: readonly Passage[], countries: readonly string[]): Deadlines {
    return deadlinesAfter(path, this.timing, this.calendars.workingDaysOf(countries));
  }

  /** The last day of a span of time that begins after a day, by the parties' countries. */
  endOf(span: Span, since: string, countries: readonly string[]): string {
    return endOfSpan(since, span, this.calendars.workingDaysOf(countries));
  }

  /** How long an agreement lay with whom. */
  ages({ path, today }: LifecycleFacts): Ages {
    return agesOf(path, this.timing, today);
  }

  /** Where the text, each party's consent and the legal effect stand. */
  facets(facts: LifecycleFacts): Facets {
    const kind = this.kindOf(facts.stage);
    const text = this.stages.get(facts.stage)?.text ?? (kind === 'preparation' ? 'open' : 'authentic');
    return facetsOf(facts, kind, text, this.legalEffect(facts));
  }

  /** The order in which slots are signed. */
  get signingOrder() {
    return this.definition.signing?.order;
  }

  get wantsFullPowers(): boolean {
    return this.definition.signing?.fullPowers === 'required';
  }

  /** The transition that the engine makes when a signatory declines in this stage, if any. */
  onDecline(stage: string): Transition | undefined {
    const id = this.stages.get(stage)?.onDecline;
    return id === undefined ? undefined : this.transition(id);
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

  /**
   * Whether an agreement with these facts could have come into a stage: it is the first one, or some transition leads there
   * whose signatures, consents and computed days are there.
   */
  couldBeIn(stage: string, facts: LifecycleFacts): boolean {
    if (stage === this.initial) return true;
    const lasting = ['signatures', 'initials', 'consents', 'entryIntoForce', 'term'];
    const isLasting = (requirement: Requirement) => lasting.some((what) => what in requirement);
    return this.definition.transitions.some((transition) => {
      if (transition.to !== stage) return false;
      const { automatic, requires = [] } = transition;
      const isOccasion = !automatic || automatic === 'ready' || this.signatureOccasions(facts).includes(automatic);
      return isOccasion && this.missing({ ...transition, requires: requires.filter(isLasting) }, facts).length === 0;
    });
  }

  /** The visas that transitions out of a stage wait for. */
  visasIn(stage: string): Visa[] {
    const wanted = this.transitionsFrom(stage).flatMap(({ requires = [] }) =>
      requires.flatMap((one) => ('visas' in one ? one.visas : [])),
    );
    return [...new Set(wanted)].map((id) => this.visas.get(id)!);
  }

  /** The transition that the engine makes by itself in this stage when it is superseded, if any. */
  onSuperseded(stage: string): Transition | undefined {
    return this.transitionsFrom(stage).find(({ automatic }) => automatic === 'superseded');
  }

  /** The transition that the engine makes by itself now, because what it waits for and all that it requires is there. */
  ready(facts: LifecycleFacts): Transition | undefined {
    const automatic = this.transitionsFrom(facts.stage).filter((transition) => transition.automatic);
    if (automatic.length === 0) return undefined;
    for (const occasion of this.occasions(facts)) {
      const transition = automatic.find((one) => one.automatic === occasion && this.missing(one, facts).length === 0);
      if (transition) return transition;
    }
    return undefined;
  }

  /** What has come about by the facts, the most decisive first. */
  private occasions(facts: LifecycleFacts): Transition['automatic'][] {
    return [...(this.kindOf(facts.stage) === 'signature' ? this.signatureOccasions(facts) : []), 'ready'];
  }

  private signatureOccasions({ slots }: LifecycleFacts): Transition['automatic'][] {
    const binding = slots.filter(isBinding);
    const signed = binding.filter(({ status }) => status === 'signed').length;
    const isComplete = signed > 0 && signed === binding.length;
    return [...(isComplete ? ['last-signature' as const] : []), ...(signed > 0 ? ['first-signature' as const] : [])];
  }
}
