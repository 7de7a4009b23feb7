import { nearest } from '#values';
import {
  definitionSchema,
  type LifecycleDefinition,
  type Requirement,
  STAGE_KINDS,
  type Transition,
} from './definition.js';
import { GUARD_VARIABLES, guardDefect } from './guard.js';

/** One thing wrong with a definition. */
export interface Defect {
  /** The path to it within the definition. */
  path: PropertyKey[];
  /** The path in words, with ids instead of numbers: `transitions.submit.to`. */
  place: string;
  message: string;
  /** What was probably meant, or what would put it right. */
  suggestion?: string;
}

/** A sound definition, or everything that is wrong with it. */
export type Checked = { definition: LifecycleDefinition; defects: [] } | { definition?: undefined; defects: Defect[] };

/** The roles that may act upon agreements; what is reserved for another could never be done. */
const ROLES = ['officer', 'approver', 'administrator'];
const DRAFTER = 'drafter';
/** What all guards of a definition may have together, in characters. */
const MOST_OF_GUARDS = 20_000;
const OWNER = 'owner';

/**
 * Checks a definition as a parser gave it: its shape first, then, once that holds, that its parts fit together. Reports
 * every defect at once.
 */
export function checkDefinition(content: unknown): Checked {
  const parsed = definitionSchema.safeParse(content);
  if (!parsed.success) {
    return {
      defects: parsed.error.issues.map(({ path, message }) => ({ path, place: placeOf(content, path), message })),
    };
  }
  const defects = new Checker(parsed.data).defects();
  return defects.length > 0 ? { defects } : { definition: parsed.data, defects: [] };
}

class Checker {
  private readonly found: Defect[] = [];
  private readonly stages: Map<string, { kind: (typeof STAGE_KINDS)[number] }>;
  private readonly visas: string[];

  constructor(private readonly definition: LifecycleDefinition) {
    this.stages = new Map(definition.stages.map((stage) => [stage.id, stage]));
    this.visas = definition.visas?.map(({ id }) => id) ?? [];
  }

  defects(): Defect[] {
    this.uniqueIds();
    this.names();
    this.visaOrder();
    this.term();
    this.deadline();
    this.declining();
    for (const [index, transition] of this.definition.transitions.entries()) {
      this.transition(transition, ['transitions', index]);
    }
    this.guards();
    // What cannot be reached is worth saying only where all names are right.
    if (this.found.length === 0) {
      this.reachability();
      this.ways();
      this.automaticCircles();
    }
    return this.found;
  }

  private report(path: PropertyKey[], message: string, suggestion?: string): void {
    this.found.push({ path, place: placeOf(this.definition, path), message, ...(suggestion && { suggestion }) });
  }

  private known(path: PropertyKey[], what: string, name: string, names: readonly string[]): void {
    if (names.includes(name)) return;
    const near = nearest(name, names);
    const choice = names.length > 0 ? `one of ${names.join(', ')}` : `define a ${what} first`;
    this.report(path, `there is no ${what} '${name}'`, near ? `did you mean '${near}'?` : choice);
  }

  private uniqueIds(): void {
    for (const list of ['stages', 'transitions', 'visas'] as const) {
      const ids = (this.definition[list] ?? []).map(({ id }) => id);
      for (const [index, id] of ids.entries()) {
        if (ids.indexOf(id) < index) this.report([list, index, 'id'], `'${id}' is defined twice`);
      }
    }
  }

  private names(): void {
    const { initial, transitions, visas = [] } = this.definition;
    const stages = [...this.stages.keys()];
    const all = (path: PropertyKey[], what: string, names: readonly string[], of: readonly string[]) => {
      for (const [index, name] of names.entries()) this.known([...path, index], what, name, of);
    };
    this.known(['initial'], 'stage', initial, stages);
    const followUps: string[] = [];
    for (const [index, { from, to, roles = [], requires = [], effects = [] }] of transitions.entries()) {
      const path = ['transitions', index];
      all([...path, 'from'], 'stage', from, stages);
      this.known([...path, 'to'], 'stage', to, stages);
      all([...path, 'roles'], 'role', roles, ROLES);
      for (const [at, one] of requires.entries()) {
        if ('visas' in one) all([...path, 'requires', at, 'visas'], 'visa', one.visas, this.visas);
      }
      for (const [at, one] of effects.entries()) {
        const place = [...path, 'effects', at];
        if ('notify' in one) all([...place, 'notify', 'to'], 'role', one.notify.to, [OWNER, DRAFTER, ...ROLES]);
        if (!('followUp' in one)) continue;
        const { id } = one.followUp;
        if (followUps.includes(id)) this.report([...place, 'followUp', 'id'], `'${id}' is defined twice`);
        followUps.push(id);
      }
    }
    for (const [index, { roles, notBy = [], after = [] }] of visas.entries()) {
      all(['visas', index, 'roles'], 'role', roles, ROLES);
      all(['visas', index, 'notBy'], 'visa', notBy, [DRAFTER, ...this.visas]);
      all(['visas', index, 'after'], 'visa', after, this.visas);
    }
  }

  private term(): void {
    const { term } = this.definition;
    if (term && term.months === undefined && term.renewal) {
      this.report(['term'], 'without a length there is no end to renew at', "add 'months'");
    }
  }

  private deadline(): void {
    const { deadline } = this.definition;
    if (!deadline || [...this.stages.values()].some(({ kind }) => kind === deadline.until)) return;
    this.report(['deadline', 'until'], `no stage is of kind ${deadline.until}, so it is never reached`);
  }

  /** What follows when a signatory declines must be there, lead away from the stage, and wait for nothing. */
  private declining(): void {
    const transitions = this.definition.transitions.map(({ id }) => id);
    for (const [index, { id, kind, onDecline }] of this.definition.stages.entries()) {
      if (onDecline === undefined) continue;
      const path = ['stages', index, 'onDecline'];
      this.known(path, 'transition', onDecline, transitions);
      const transition = this.definition.transitions.find((one) => one.id === onDecline);
      if (kind !== 'signature') this.report(path, 'nobody declines to sign in a stage that is not of kind signature');
      if (!transition) continue;
      if (!transition.from.includes(id)) this.report(path, `'${onDecline}' does not lead out of '${id}'`);
      if (transition.automatic) this.report(path, `'${onDecline}' happens by itself upon something else`);
      if (transition.requires?.length) {
        this.report(path, `'${onDecline}' requires something, and a refusal cannot wait for it`);
      }
    }
  }

  /** No visa may wait for itself, be it through others. */
  private visaOrder(): void {
    const after = new Map(this.definition.visas?.map(({ id, after: before = [] }) => [id, before]));
    for (const [index, { id, notBy = [] }] of (this.definition.visas ?? []).entries()) {
      if (reachable(after.get(id) ?? [], (visa) => after.get(visa) ?? []).has(id)) {
        this.report(['visas', index, 'after'], `'${id}' waits for itself, so nobody could ever give it`);
      }
      if (notBy.includes(id)) this.report(['visas', index, 'notBy'], `'${id}' could be given by nobody`);
    }
  }

  private transition(transition: Transition, path: PropertyKey[]): void {
    const { requires = [], automatic, exceptional, reason, roles } = transition;
    for (const [index, requirement] of requires.entries())
      this.requirement(requirement, [...path, 'requires', index], transition);
    if (automatic && reason) this.report([...path, 'reason'], 'nobody is there to give a reason: it is automatic');
    if (automatic && exceptional)
      this.report([...path, 'exceptional'], 'the engine never leaves the usual course by itself');
    if (automatic && roles) this.report([...path, 'roles'], 'nobody makes it: it is automatic');
    if (automatic === 'ready' && requires.length === 0) {
      this.report(
        [...path, 'requires'],
        'it would be made at once: an automatic transition needs something to wait for',
      );
    }
    if (automatic === 'superseded' && (this.stages.get(transition.to)?.kind ?? 'ended') !== 'ended') {
      this.report([...path, 'to'], 'what is superseded ends', 'a stage of kind ended');
    }
    this.together(requires, path);
    if (exceptional && reason !== 'required') {
      this.report([...path, 'reason'], 'an exceptional transition needs a reason', "add 'reason: required'");
    }
    this.steps(transition, path);
  }

  /** Limits of days since the same event must leave some day on which they all hold. */
  private together(requires: Requirement[], path: PropertyKey[]): void {
    const limits = new Map<string, { atLeast: number; atMost: number }>();
    for (const [index, one] of requires.entries()) {
      if (!('days' in one)) continue;
      const { since, working = false, atLeast = 0, atMost = Number.POSITIVE_INFINITY } = one.days;
      const key = `${since} ${working}`;
      const before = limits.get(key);
      const both = {
        atLeast: Math.max(before?.atLeast ?? 0, atLeast),
        atMost: Math.min(before?.atMost ?? Number.POSITIVE_INFINITY, atMost),
      };
      if (before && both.atLeast > both.atMost && atLeast <= atMost) {
        this.report(
          [...path, 'requires', index],
          `it can never hold together with another limit of days since ${since}`,
        );
      }
      limits.set(key, both);
    }
  }

  /** The kind of the stage goes forward, or the transition says that it is exceptional. */
  private steps({ from, to, exceptional }: Transition, path: PropertyKey[]): void {
    const target = this.stages.get(to);
    if (!target || exceptional) return;
    for (const [index, stage] of from.entries()) {
      const origin = this.stages.get(stage);
      if (!origin || STAGE_KINDS.indexOf(origin.kind) <= STAGE_KINDS.indexOf(target.kind)) continue;
      const message = `it steps back from ${origin.kind} to ${target.kind}`;
      this.report([...path, 'from', index], message, "add 'exceptional: true' and 'reason: required'");
    }
  }

  /** To read them takes time, and each is asked of each agreement. */
  private guards(): void {
    const guards = this.definition.transitions.flatMap(({ requires = [] }) =>
      requires.flatMap((one) => ('guard' in one ? one.guard : [])),
    );
    const characters = guards.reduce((sum, guard) => sum + guard.length, 0);
    if (characters <= MOST_OF_GUARDS) return;
    this.report(
      ['transitions'],
      `its guards have ${characters} characters together; at most ${MOST_OF_GUARDS} are allowed`,
    );
  }

  private requirement(requirement: Requirement, path: PropertyKey[], { from }: Transition): void {
    if ('guard' in requirement) {
      const defect = guardDefect(requirement.guard);
      if (defect) this.report([...path, 'guard'], defect);
      else if (!Object.keys(GUARD_VARIABLES).some((name) => new RegExp(`\\b${name}\\b`).test(requirement.guard))) {
        this.report([...path, 'guard'], 'it says nothing of the agreement, so it always holds or never does');
      }
    }
    if ('days' in requirement) {
      const { atLeast, atMost, since } = requirement.days;
      if (atLeast === undefined && atMost === undefined) this.report([...path, 'days'], "say 'atLeast' or 'atMost'");
      if (atLeast !== undefined && atMost !== undefined && atLeast > atMost) {
        this.report([...path, 'days'], `at least ${atLeast} and at most ${atMost} days can never both hold`);
      }
      const records = this.definition.transitions.map((transition) => transition.records);
      if (since !== 'stage' && !records.includes(since)) {
        this.report([...path, 'days', 'since'], `no transition records ${since}, so it never happens`);
      }
    }
    if ('term' in requirement && !this.definition.term) {
      this.report(path, 'the definition gives no term that could be over', "add 'term' to the definition");
    }
    if ('entryIntoForce' in requirement && !this.definition.entryIntoForce) {
      this.report(path, 'the definition does not say when agreements enter into force', "add 'entryIntoForce' to it");
    }
    if ('signatures' in requirement && from.every((stage) => this.stages.get(stage)?.kind === 'preparation')) {
      this.report(path, 'nothing can be signed before a stage of kind signature');
    }
  }

  private reachability(): void {
    const next = (stage: string) =>
      this.definition.transitions.filter(({ from }) => from.includes(stage)).map(({ to }) => to);
    const reached = reachable([this.definition.initial], next);
    for (const [index, { id }] of this.definition.stages.entries()) {
      if (!reached.has(id)) this.report(['stages', index], 'no way leads there from the initial stage');
    }
  }

  private ways(): void {
    const endings = this.definition.stages.filter(({ kind }) => kind === 'ended').map(({ id }) => id);
    if (endings.length === 0) this.report(['stages'], 'no stage is of kind ended, so no agreement ever ends');
    const before = (stage: string) =>
      this.definition.transitions.filter(({ to }) => to === stage).flatMap(({ from }) => from);
    const canEnd = reachable(endings, before);
    for (const [index, { id, kind }] of this.definition.stages.entries()) {
      if (kind !== 'ended' && endings.length > 0 && !canEnd.has(id)) {
        this.report(
          ['stages', index],
          'from there no way leads to an end',
          'add a transition, or make it of kind ended',
        );
      }
      if (kind === 'signature' && !this.signingWay(id)) {
        this.report(
          ['stages', index],
          'signatures lead nowhere from there',
          "add a transition with 'automatic: last-signature'",
        );
      }
    }
  }

  private signingWay(stage: string): boolean {
    return this.definition.transitions.some(
      ({ from, automatic, requires = [] }) =>
        from.includes(stage) && (automatic === 'last-signature' || requires.some((one) => 'signatures' in one)),
    );
  }

  /** Automatic transitions alone must never lead back to where they began. */
  private automaticCircles(): void {
    const next = (stage: string) =>
      this.definition.transitions
        .filter(({ from, automatic }) => automatic && from.includes(stage))
        .map(({ to }) => to);
    for (const [index, { id, automatic, from, to }] of this.definition.transitions.entries()) {
      if (automatic && from.some((stage) => to === stage || reachable([to], next).has(stage))) {
        this.report(['transitions', index], `automatic transitions could run in circles through '${id}'`);
      }
    }
  }
}

/** Everything that can be reached from some beginnings, these included. */
function reachable(from: readonly string[], next: (one: string) => readonly string[]): Set<string> {
  const reached = new Set(from);
  for (const one of reached) for (const other of next(one)) reached.add(other);
  return reached;
}

/** A path in words: parts of lists by their id, where they have one. */
function placeOf(content: unknown, path: readonly PropertyKey[]): string {
  const words: string[] = [];
  let node: unknown = content;
  for (const key of path) {
    node = typeof node === 'object' && node !== null ? (node as Record<PropertyKey, unknown>)[key] : undefined;
    const id = typeof key === 'number' && (node as { id?: unknown } | undefined)?.id;
    words.push(typeof id === 'string' ? id : String(key));
  }
  return words.join('.') || 'the definition';
}
