import { UNKNOWN } from '#calendar';
import type { AnyCommand } from '#event-sourcing';
import { type ProjectCommand, projects as register } from '#projects';
import type { ReadStore } from '#read-store';
import { PARTNER_ROLES, PROJECT_STATUS } from '../choices.js';
import {
  choice,
  country,
  date,
  listed,
  recordOf,
  recordPart,
  records,
  recordsIn,
  reference,
  refersTo,
  required,
  text,
} from '../column.js';
import { cannotChange, fieldsOf, planOf, type SheetKind, stated, type Values } from '../sheet-kind.js';
import { changeStep, wanted } from './records.js';

const PARTNER_FIELDS = [
  choice(PARTNER_ROLES, 'role', 'Rôle', 'Role', 'الدور'),
  refersTo('organisations', 'organisation', 'Organisation', 'Organisation', 'المنظمة'),
  country('country', 'Pays', 'Country', 'البلد'),
  text('note', 'Note', 'Note', 'ملاحظة'),
];
const FUNDING_FIELDS = [
  refersTo('organisations', 'by', 'Bailleur', 'Funder', 'الممول'),
  text('amount', 'Montant', 'Amount', 'المبلغ'),
  text('currency', 'Monnaie', 'Currency', 'العملة'),
];
const PLAIN = [
  'title',
  'acronym',
  'programme',
  'strand',
  'agreement',
  'follows',
  'framework',
  'period',
  'proposedBy',
  'owner',
];

const partnersIn = (cell: string | undefined) =>
  recordsIn(cell).map(([role, organisation, of, note]) => ({
    ...(organisation && { organisation }),
    role,
    ...(of && { country: of }),
    ...(note && { note }),
  }));
const fundingIn = (cell: string | undefined) =>
  recordsIn(cell).map(([by, amount, currency]) => ({ by, ...(amount && { amount }), ...(currency && { currency }) }));

export const projects: SheetKind = {
  id: 'projects',
  named: ['acronym', 'title'],
  columns: [
    reference('reference', 'Référence', 'Reference', 'المرجع', 'id', 'n°', 'code'),
    required(text('title', 'Intitulé', 'Title', 'العنوان', 'projet', 'titre', 'project', 'المشروع')),
    text('acronym', 'Sigle', 'Acronym', 'الاسم المختصر', 'acronyme'),
    refersTo('programmes', 'programme', 'Programme', 'Programme', 'البرنامج'),
    text('strand', 'Volet', 'Strand', 'المحور', 'axe'),
    refersTo('agreements', 'agreement', 'Accord', 'Agreement', 'الاتفاق', 'convention'),
    refersTo('projects', 'follows', 'Fait suite à', 'Follows', 'يلي'),
    choice(PROJECT_STATUS, 'status', 'État', 'Status', 'الحالة', 'statut', 'avancement'),
    date('startedOn', 'Démarré le', 'Started on', 'انطلق في', 'démarrage', 'date de démarrage', 'début', 'start'),
    date('endedOn', 'Clos le', 'Ended on', 'انتهى في', 'fin', 'clôture', 'end'),
    date('period', 'Période annoncée', 'Stated period', 'المدة المعلنة', 'période', 'durée', 'period'),
    records(PARTNER_FIELDS, 'partners', 'Partenaires', 'Partners', 'الشركاء'),
    records(FUNDING_FIELDS, 'funding', 'Financement', 'Funding', 'التمويل', 'budget'),
    text('framework', 'Cadre', 'Framework', 'الإطار'),
    text('objectives', 'Objectifs', 'Objectives', 'الأهداف'),
    refersTo('organisations', 'proposedBy', 'Proposé par', 'Proposed by', 'اقترحه'),
    refersTo('users', 'owner', 'Responsable', 'Owner', 'المسؤول', 'suivi par'),
  ],
  async records(readStore: ReadStore, which) {
    const rows = await wanted(readStore, register, which);
    return rows.map((row) => ({
      id: row.id,
      values: stated({
        ...fieldsOf(row.particulars as never, ...PLAIN),
        reference: row.id,
        status: row.status,
        startedOn: row.started_on,
        endedOn: row.ended_on,
        partners: row.partners.map((one) => recordOf(one.role, one.organisation, one.country, one.note)).join('; '),
        funding: row.funding.map(({ by, amount, currency }) => recordOf(by, amount, currency)).join('; '),
        objectives: row.particulars.objectives?.map(recordPart).join('; '),
        owner: row.owner,
      }),
    }));
  },
  create: (id, values, context) => planOf('projects', entryOf(id, values), { id: 'reference' }, context),
  change(record, values, columns, context) {
    const { steps, fixed } = changesOf(record.values, values, columns);
    if (fixed.length > 0) return { problems: cannotChange(projects, record, values, fixed, context.registers) };
    return { steps: steps.map((command) => changeStep('project', record.id, command, context)) };
  },
};

function entryOf(id: string, values: Values): Record<string, unknown> {
  const { status = 'planned' } = values;
  const hasStarted = ['implementation', 'suspended', 'closed'].includes(status);
  return {
    id,
    ...fieldsOf(values, ...PLAIN, 'status', 'startedOn', 'endedOn'),
    // It runs, and nobody says since when.
    ...(hasStarted && !values.startedOn && { startedOn: UNKNOWN }),
    ...(values.partners && { partners: partnersIn(values.partners) }),
    ...(values.funding && { funding: fundingIn(values.funding) }),
    ...(values.objectives && { objectives: listed(values.objectives) }),
  };
}

/** What a sheet may change of a project: what was added to it, that it moved on, and who answers for it. */
function changesOf(known: Values, values: Values, columns: string[]): { steps: AnyCommand[]; fixed: string[] } {
  const steps: AnyCommand[] = [];
  const ask = (command: ProjectCommand) => steps.push(command);
  const fixed: string[] = [];
  for (const column of columns) {
    const added = () =>
      listed(values[column]!)
        .filter((one) => !listed(known[column] ?? '').includes(one))
        .join('; ');
    if (column === 'owner') ask({ type: 'AssignOwner', owner: values.owner! });
    else if (column === 'partners' && hasAll(values.partners!, known.partners))
      steps.push(...partnersIn(added()).map((partner) => ({ type: 'AddPartner', partner })));
    else if (column === 'funding' && hasAll(values.funding!, known.funding))
      steps.push(...fundingIn(added()).map((funding) => ({ type: 'CommitFunding', funding })));
    else if (column === 'startedOn' && known.status === 'planned') continue;
    else if (column === 'status' && known.status === 'planned' && values.status === 'implementation')
      ask({ type: 'StartProject', startedOn: values.startedOn ?? UNKNOWN });
    else if (column === 'endedOn' && values.status === 'closed') continue;
    else if (column === 'status' && known.status === 'implementation' && values.status === 'closed')
      ask({ type: 'CompleteProject', completedOn: values.endedOn ?? UNKNOWN });
    else fixed.push(column);
  }
  return { steps, fixed };
}

/** Whether a list still names all that is on record: a sheet adds, and takes nothing away. */
const hasAll = (cell: string, known: string | undefined): boolean => {
  const named = listed(cell);
  return listed(known ?? '').every((one) => named.includes(one));
};
