import { sql } from 'kysely';
import { UNKNOWN } from '#calendar';
import { type MilestoneRow, type ProjectCommand, projects } from '#projects';
import type { ReadStore } from '#read-store';
import { MILESTONE_STATUS } from '../choices.js';
import { choice, date, reference, refersTo, required, text } from '../column.js';
import { cannotChange, type RowContext, type SheetKind, stated } from '../sheet-kind.js';
import { changeStep } from './records.js';

interface Row {
  id: string;
  project: string;
  milestone: MilestoneRow;
}

const steps = (project: string, commands: ProjectCommand[], context: RowContext) => ({
  steps: commands.map((command) => changeStep('project', project, command, context)),
});

/** Milestones of projects that are on record. A row is known by its project and its reference within it. */
export const milestones: SheetKind = {
  id: 'milestones',
  named: ['title'],
  columns: [
    reference('reference', 'Référence', 'Reference', 'المرجع', 'id', 'n°', 'code'),
    required(refersTo('projects', 'project', 'Projet', 'Project', 'المشروع')),
    required(text('title', 'Jalon', 'Milestone', 'المعلم', 'intitulé', 'titre', 'title', 'étape')),
    date('plannedFor', 'Prévu pour', 'Planned for', 'مبرمج ل', 'échéance', 'date prévue', 'due'),
    choice(MILESTONE_STATUS, 'status', 'État', 'Status', 'الحالة', 'statut'),
    date('reachedOn', 'Atteint le', 'Reached on', 'أنجز في', 'réalisé le', 'date réelle'),
    text('note', 'Note', 'Note', 'ملاحظة', 'observations', 'remarques'),
  ],
  idOf: (values, milestone) => `${values.project}/${milestone}`,
  async records(readStore: ReadStore, which) {
    const key = sql`p.id || '/' || (m.milestone ->> 'milestone')`;
    const from = sql`from ${sql.table(projects.name)} p cross join lateral jsonb_array_elements(p.milestones) as m (milestone)`;
    const chosen =
      'ids' in which
        ? sql`where ${key} = any(${which.ids}) order by 1`
        : sql`where ${key} > ${which.after} order by 1 limit ${which.limit}`;
    const { rows } = await sql<Row>`select ${key} as id, p.id as project, m.milestone ${from} ${chosen}`.execute(
      readStore.tables(),
    );
    return rows.map(({ id, project, milestone }) => ({
      id,
      values: stated({
        reference: milestone.milestone,
        project,
        title: milestone.title,
        plannedFor: milestone.plannedFor,
        status: milestone.status,
        reachedOn: milestone.reachedOn,
        note: milestone.note,
      }),
    }));
  },
  create(id, values, context) {
    const milestone = id.slice(id.indexOf('/') + 1);
    const { title = '', plannedFor, note, status, reachedOn } = values;
    const isReached = status === 'reached' || (status === undefined && reachedOn !== undefined);
    const commands: ProjectCommand[] = [{ type: 'PlanMilestone', plan: { milestone, title, plannedFor, note } }];
    if (isReached) commands.push({ type: 'ReachMilestone', milestone, reachedOn: reachedOn ?? UNKNOWN });
    if (status === 'dropped') commands.push({ type: 'DropMilestone', milestone, reason: context.document });
    return steps(values.project!, commands, context);
  },
  change(record, values, columns, context) {
    const milestone = record.values.reference!;
    const isOpen = record.values.status === 'planned';
    const commands: ProjectCommand[] = [];
    const fixed: string[] = [];
    for (const column of columns) {
      if (column === 'plannedFor' && isOpen)
        commands.push({ type: 'RescheduleMilestone', milestone, to: values.plannedFor!, reason: context.document });
      else if (column === 'status' && isOpen && values.status === 'reached')
        commands.push({ type: 'ReachMilestone', milestone, reachedOn: values.reachedOn ?? UNKNOWN });
      else if (column === 'status' && isOpen && values.status === 'dropped')
        commands.push({ type: 'DropMilestone', milestone, reason: context.document });
      else if (column === 'reachedOn' && isOpen) {
        if (values.status === undefined)
          commands.push({ type: 'ReachMilestone', milestone, reachedOn: values.reachedOn! });
        else if (values.status !== 'reached') fixed.push(column);
      } else fixed.push(column);
    }
    if (fixed.length > 0) return { problems: cannotChange(milestones, record, values, fixed, context.registers) };
    return steps(record.values.project!, commands, context);
  },
};
