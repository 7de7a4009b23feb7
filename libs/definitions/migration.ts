import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  type AgreementCommandBody,
  agreementDecider,
  type Drafted,
  FindByLifecycle,
  lifecycleFacts,
} from '#agreements';
import { type CommandEnvelope, derivedId, Refusal, Repository } from '#event-sourcing';
import { type Labels, type LifecycleRef, Lifecycles, phraseOf } from '#lifecycle';

/** What is asked of a migration. */
export interface MigrationPlan {
  to: LifecycleRef;
  /** Which of the agreements; all that are under an earlier version when left out. */
  agreements?: string[];
  /** The new stage for each old one that the version does not have. */
  stages?: Record<string, string>;
  reason: string;
}

/** What becomes, or would become, of one agreement. */
export interface MigrationFate {
  agreement: string;
  from: LifecycleRef;
  stage: { from: string; to: string };
  fate: 'migrated' | 'refused';
  /** Why it is refused. */
  message?: string;
  /** What the next steps would newly require, by transition. */
  newlyMissing: { transition: string; missing: Labels[] }[];
}

/** Puts agreements under another version of their lifecycle, each as a command of its own, or says what that would do. */
@Injectable()
export class Migrations {
  private readonly decider: ReturnType<typeof agreementDecider>;

  constructor(
    private readonly repository: Repository,
    private readonly lifecycles: Lifecycles,
    private readonly queries: QueryBus,
  ) {
    this.decider = agreementDecider(lifecycles);
  }

  /**
   * Migrates every agreement that can be; one that is refused stays as it is, and says why.
   *
   * @param options `dryRun`: say what would become of each, and change nothing
   */
  async run(
    plan: MigrationPlan,
    envelope: CommandEnvelope,
    options: { today: string; dryRun: boolean },
  ): Promise<MigrationFate[]> {
    const ids = plan.agreements ?? (await this.queries.execute(new FindByLifecycle(plan.to)));
    const fates: MigrationFate[] = [];
    for (const id of ids) fates.push(await this.one(id, plan, envelope, options));
    return fates;
  }

  private async one(
    id: string,
    { to, stages, reason }: MigrationPlan,
    envelope: CommandEnvelope,
    { today, dryRun }: { today: string; dryRun: boolean },
  ): Promise<MigrationFate> {
    const command: AgreementCommandBody = { type: 'MigrateAgreement', to, reason, ...(stages && { stages }) };
    const { state } = await this.repository.load(this.decider, id);
    const from = (state.phase === 'drafted' && state.lifecycle) || this.lifecycles.stock;
    const stage = state.phase === 'drafted' ? state.stage : '';
    const fate: MigrationFate = {
      agreement: id,
      from: { id: from.id, version: from.version },
      stage: { from: stage, to: stages?.[stage] ?? stage },
      fate: 'migrated',
      newlyMissing: [],
    };
    const own = { ...envelope, commandId: derivedId('migrate', envelope.commandId, id), isNew: false };
    try {
      if (dryRun) {
        const [outcome] = await this.repository.rehearse(this.decider, id, [{ command, envelope: own }]);
        if (outcome instanceof Error) throw outcome;
      } else await this.repository.execute(this.decider, id, command, own);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ...fate, fate: 'refused', message: error.message };
    }
    if (state.phase === 'drafted') fate.newlyMissing = this.newlyMissing(state, to, fate.stage.to, today);
    return fate;
  }

  /** What the ways out of the stage ask for that they did not ask for before, transition by transition. */
  private newlyMissing(
    agreement: Drafted,
    to: LifecycleRef,
    stage: string,
    today: string,
  ): MigrationFate['newlyMissing'] {
    const [old, next] = [this.lifecycles.at(agreement.lifecycle), this.lifecycles.at(to)];
    const facts = lifecycleFacts(agreement, today);
    return next.transitionsFrom(stage).flatMap((transition) => {
      const before = old.transition(transition.id);
      const known = new Set(before ? old.missing(before, facts).map((one) => JSON.stringify(one)) : []);
      const missing = next.missing(transition, { ...facts, stage }).filter((one) => !known.has(JSON.stringify(one)));
      if (missing.length === 0) return [];
      return [{ transition: transition.id, missing: missing.map((one) => phraseOf(one, (party) => party)) }];
    });
  }
}
