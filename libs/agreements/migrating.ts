import { type CommandContext } from '#event-sourcing';
import type { Lifecycle, LifecycleRef, Lifecycles } from '#lifecycle';
import type { CommandOf } from './agreement.commands.js';
import { LifecycleNotPublished, MigrationRefused } from './agreement.errors.js';
import type { AgreementEvent } from './agreement.events.js';
import { countriesOf, type Drafted, lifecycleFacts } from './agreement.state.js';
import { lastDayOf } from './dates.js';
import { excludedBy } from './moving-on.js';

/**
 * Puts an agreement under another version of a lifecycle. It keeps its stage, or takes the one that `stages` gives for it;
 * that must be there, and be of the same kind, for nothing has happened to the agreement itself.
 */
export function migrate(
  lifecycles: Lifecycles,
  { to, stages = {}, reason }: CommandOf<'MigrateAgreement'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const from = agreement.lifecycle ?? refOf(lifecycles.stock);
  if (from.id === to.id && from.version === to.version) return [];
  const declined = agreement.declinedMigrations.some(({ id, version }) => id === to.id && version === to.version);
  if (declined) throw new MigrationRefused('it was decided that this agreement stays where it is');
  if (!lifecycles.has(to)) throw new LifecycleNotPublished(`${to.id}@${to.version}`, namesOf(lifecycles));
  const [old, next] = [lifecycles.at(agreement.lifecycle), lifecycles.at(to)];
  const stage = stages[agreement.stage] ?? agreement.stage;
  if (!next.hasStage(stage)) throw new MigrationRefused(`there is no stage '${stage}' in it; name another in 'stages'`);
  const kind = next.kindOf(stage);
  if (kind !== old.kindOf(agreement.stage)) {
    throw new MigrationRefused(
      `the stage '${stage}' is of kind ${kind}, and the present one of kind ${old.kindOf(agreement.stage)}`,
    );
  }
  if (stage !== agreement.stage && !next.couldBeIn(stage, lifecycleFacts(agreement, today))) {
    throw new MigrationRefused(`nothing has happened that would have brought it into the stage '${stage}'`);
  }
  const lost = agreement.visas.find(({ visa }) => !next.visa(visa) && next.visasIn(stage).length > 0);
  if (lost) throw new MigrationRefused(`the visa '${lost.visa}', which was given, does not exist in it`);
  const [conflict] = conflictsOf(next, agreement);
  if (conflict) throw new MigrationRefused(conflict);
  const path = [
    ...lifecycleFacts(agreement, today).path.slice(0, -1),
    { stage, since: lastDayOf(agreement.since, today) },
  ];
  const deadlines = next.deadlinesAfter(path, countriesOf(agreement.particulars));
  const data = { from, to, stage: { from: agreement.stage, to: stage }, kind, reason, deadlines };
  return [{ type: 'AgreementMigrated', data, effectiveOn: today }];
}

/** The visas given that the version would not have let these people give. */
function conflictsOf(lifecycle: Lifecycle, { visas, drafter }: Drafted): string[] {
  return visas.flatMap(({ visa, by }) => {
    const other = excludedBy(lifecycle.visa(visa), by, { visas, drafter });
    return other
      ? [`the visa '${visa}' was given by whoever ${other === 'drafter' ? 'drafted it' : `gave '${other}'`}`]
      : [];
  });
}

/** Keeps an agreement under its version, though others move: it is not asked again for that one. */
export function declineMigration(
  { to, reason }: CommandOf<'DeclineMigration'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  if (agreement.declinedMigrations.some(({ id, version }) => id === to.id && version === to.version)) return [];
  return [{ type: 'MigrationDeclined', data: { to, reason }, effectiveOn: today }];
}

export const refOf = ({ id, version }: LifecycleRef): LifecycleRef => ({ id, version });
export const namesOf = (lifecycles: Lifecycles): string[] => [...new Set(lifecycles.all().map(({ id }) => id))];
