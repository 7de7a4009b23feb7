import { Inject, Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  type AgreementCommand,
  type AgreementEvent,
  agreementCommands,
  agreementTold,
  type Drafted,
  FindByLifecycle,
  lifecycleFacts,
} from '#agreements';
import { type Clock, type CommandEnvelope, Commands, derivedId, NotFound, Refusal, Repository } from '#event-sourcing';
import { type Deadlines, type Labels, type LifecycleRef, Lifecycles, phraseOf } from '#lifecycle';
import { MentionOrganisations } from '#organisations';
import { CLOCK, type Defect, InvalidRequest } from '#web-api';

/** What is asked of a migration. */
export interface MigrationPlan {
  to: LifecycleRef;
  /** Which of the agreements; all that are under an earlier version when left out. */
  agreements?: string[];
  /** Those that stay where they are, each with the reason; they are not asked again for this version. */
  declined?: { agreement: string; reason: string }[];
  /** The new stage for each old one that the version does not have. */
  stages?: Record<string, string>;
  reason: string;
}

/** What becomes, or would become, of one agreement. */
export interface MigrationFate {
  agreement: string;
  from: LifecycleRef;
  stage: { from: string; to: string };
  fate: 'migrated' | 'declined' | 'refused';
  /** Why it is refused, or was declined. */
  message?: string;
  /** What the next steps would newly require, by transition. */
  newlyMissing: { transition: string; missing: Labels[] }[];
  /** Its deadlines before and after, where they change. */
  deadlines?: { before: Deadlines; after: Deadlines };
  /** The stage into which it moves on by itself at once, as the version says. */
  movesOnTo?: string;
}

/** Thrown when agreements that were chosen cannot come under the version; lists them, and changes nothing. */
export class MigrationHasRefusals extends Refusal {
  readonly code = 'LIFECYCLE.MIGRATION_HAS_REFUSALS';
  override readonly details: Record<string, unknown>;
  constructor(fates: MigrationFate[]) {
    const refused = fates.filter(({ fate }) => fate === 'refused');
    super(
      `Nothing was migrated: ${refused.length} of the agreements cannot come under this version as they stand. Map their stages, decline them with a reason, or name the others in 'agreements'. ${refused.map(({ agreement, message }) => `${agreement}: ${message}`).join(' ')}`,
    );
    this.details = { items: fates };
  }
}

/** Puts agreements under another version of their lifecycle, each as a command of its own, or says what that would do. */
@Injectable()
export class Migrations {
  constructor(
    private readonly repository: Repository,
    private readonly commands: Commands,
    private readonly lifecycles: Lifecycles,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Migrates the agreements that are chosen, all or none: one that cannot come under the version holds the others up until it is
   * mapped, declined, or left out. One that moves on between the look at all of them and its own turn can still be refused by itself.
   *
   * @param dryRun say what would become of each, and change nothing
   * @throws NotFound where there is no such version
   * @throws InvalidRequest when `stages` names what there is not
   * @throws MigrationHasRefusals
   */
  async run(plan: MigrationPlan, envelope: CommandEnvelope, dryRun: boolean): Promise<MigrationFate[]> {
    const { to, declined = [] } = plan;
    if (!this.lifecycles.has(to)) throw new NotFound('lifecycle', `${to.id}, version ${to.version}`);
    this.checkStages(plan);
    const reasons = new Map(declined.map(({ agreement, reason }) => [agreement, reason]));
    const chosen = plan.agreements ?? (await this.queries.execute(new FindByLifecycle(to)));
    const ids = [...new Set([...chosen, ...reasons.keys()])].sort();
    const steps = ids.map((id) => ({ id, command: commandFor(plan, reasons.get(id)) }));

    const fates: MigrationFate[] = [];
    for (const { id, command } of steps) fates.push(await this.foreseen(id, command, plan, envelope));
    if (dryRun) return fates;
    if (fates.some(({ fate }) => fate === 'refused')) throw new MigrationHasRefusals(fates);
    const isOpen = ({ fate, agreement }: MigrationFate) => fate === 'migrated' || reasons.has(agreement);
    for (const [index, { id, command }] of steps.entries()) {
      if (!isOpen(fates[index]!)) continue;
      try {
        await this.commands.send(agreementCommands, id, command, own(envelope, id));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        fates[index] = { ...fates[index]!, fate: 'refused', message: error.message };
      }
    }
    return fates;
  }

  private checkStages({ to, stages = {} }: MigrationPlan): void {
    const target = this.lifecycles.at(to);
    const former = this.lifecycles.all().filter(({ id, version }) => id === to.id && version !== to.version);
    const allowed = target.definition.stages.map(({ id }) => id);
    const errors: Defect[] = [];
    for (const [from, stage] of Object.entries(stages)) {
      const field = `stages.${from}`;
      if (!former.some(({ lifecycle }) => lifecycle.hasStage(from))) {
        errors.push({ field, rule: 'known', message: `no earlier version has a stage '${from}'` });
      }
      if (!allowed.includes(stage)) {
        const message = `version ${to.version} has no stage '${stage}'; it has ${allowed.join(', ')}`;
        errors.push({ field, rule: 'known', message });
      }
    }
    if (errors.length > 0) throw new InvalidRequest(errors);
  }

  /** What would become of one agreement; nothing is appended. */
  private async foreseen(
    id: string,
    command: AgreementCommand,
    { to, stages }: MigrationPlan,
    envelope: CommandEnvelope,
  ): Promise<MigrationFate> {
    const { state } = await this.repository.load(agreementTold, id);
    if (state.phase === 'none') throw new NotFound('agreement', id);
    const from = state.lifecycle ?? this.lifecycles.stock;
    const fate: MigrationFate = {
      agreement: id,
      from: { id: from.id, version: from.version },
      stage: { from: state.stage, to: stages?.[state.stage] ?? state.stage },
      fate: command.type === 'DeclineMigration' ? 'declined' : 'migrated',
      newlyMissing: [],
    };
    const unmoved = { ...fate, stage: { from: state.stage, to: state.stage } };
    if (command.type === 'DeclineMigration') return { ...unmoved, message: command.reason };
    const before = state.declinedMigrations.find(({ id: known, version }) => known === to.id && version === to.version);
    if (before) return { ...unmoved, fate: 'declined', message: before.reason };
    const parcel = { command, envelope: own(envelope, id) };
    const [outcome] = await this.commands.rehearse(agreementCommands.category, id, [parcel]);
    if (outcome instanceof Refusal) return { ...fate, fate: 'refused', message: outcome.message };
    if (outcome instanceof Error) throw outcome;
    const newlyMissing = await this.newlyMissing(state, to, fate.stage.to);
    return { ...fate, newlyMissing, ...changes(state, outcome as AgreementEvent[]) };
  }

  /** What the ways out of the stage ask for that they did not ask for before, transition by transition. */
  private async newlyMissing(
    agreement: Drafted,
    to: LifecycleRef,
    stage: string,
  ): Promise<MigrationFate['newlyMissing']> {
    const parties = agreement.particulars.parties.map(({ organisation }) => organisation);
    const organisations = await this.queries.execute(new MentionOrganisations(parties));
    const nameOf = (party: string) => organisations.get(party)?.name ?? party;
    const [old, next] = [this.lifecycles.at(agreement.lifecycle), this.lifecycles.at(to)];
    const facts = lifecycleFacts(agreement, this.clock.today());
    return next.transitionsFrom(stage).flatMap((transition) => {
      const before = old.transition(transition.id);
      const known = new Set(before ? old.missing(before, facts).map((one) => JSON.stringify(one)) : []);
      const missing = next.missing(transition, { ...facts, stage }).filter((one) => !known.has(JSON.stringify(one)));
      if (missing.length === 0) return [];
      return [{ transition: transition.id, missing: missing.map((one) => phraseOf(one, nameOf)) }];
    });
  }
}

function commandFor({ to, stages, reason }: MigrationPlan, declinedFor: string | undefined): AgreementCommand {
  if (declinedFor !== undefined) return { type: 'DeclineMigration', to, reason: declinedFor };
  return { type: 'MigrateAgreement', to, reason, ...(stages && { stages }) };
}

/** The deadlines that change, and whereto it moves on, by the events that the migration would append. */
function changes({ deadlines: before }: Drafted, events: AgreementEvent[]) {
  const [migrated, ...followed] = events;
  if (migrated?.type !== 'AgreementMigrated') return {};
  const after = migrated.data.deadlines ?? {};
  const movesOnTo = followed.flatMap(({ data }) => ('to' in data && typeof data.to === 'string' ? data.to : [])).at(-1);
  return {
    ...((before.stage !== after.stage || before.whole !== after.whole) && { deadlines: { before, after } }),
    ...(movesOnTo !== undefined && { movesOnTo }),
  };
}

const own = (envelope: CommandEnvelope, id: string): CommandEnvelope => ({
  ...envelope,
  commandId: derivedId('migrate', envelope.commandId, id),
  isNew: false,
});
