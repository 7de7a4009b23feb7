import { agreements as register } from '#agreements';
import { UNKNOWN } from '#calendar';
import type { Labels, Lifecycles, LifecycleVersion } from '#lifecycle';
import type { ReadStore } from '#read-store';
import { AGREEMENT_TYPES, BINDING, YES_NO } from '../choices.js';
import { choice, date, listed, reference, refersTo, refersToMany, required, text } from '../column.js';
import { problemOf, remark } from '../problems.js';
import { cannotChange, fieldsOf, planOf, type SheetKind, stated } from '../sheet-kind.js';
import { changeStep, wanted } from './records.js';

interface Row {
  id: string;
  title: string;
  type: string;
  party_ids: string[];
  stage: string;
  stage_since: string;
  binding: string | null;
  framework: string | null;
  owner: string | null;
  confidential: boolean;
  lifecycle_id: string;
  lifecycle_version: number;
}

const PARTICULARS = ['title', 'binding', 'framework', 'confidential'];

/** Agreements: the stages that a cell may name are those of all lifecycles. */
export function agreements(lifecycles: Lifecycles): SheetKind {
  const stages: Record<string, Labels> = {};
  /** Lifecycles may call stages of other ids the same; a cell only has the name. */
  const firstOfName = new Map<string, string>();
  const paths: Record<string, Labels> = {};
  for (const { lifecycle } of lifecycles.all().reverse()) {
    paths[lifecycle.definition.id] = lifecycle.definition.labels;
    for (const { id, labels } of lifecycle.definition.stages) {
      if (!firstOfName.has(labels.fr)) firstOfName.set(labels.fr, id);
      if (firstOfName.get(labels.fr) === id) stages[id] = labels;
    }
  }
  const nameOf = (stage: string, version: { id: string; version: number }) =>
    lifecycles.shown(version).labelsOf(stage).fr;

  const kind: SheetKind = {
    id: 'agreements',
    named: ['title'],
    columns: [
      reference('reference', 'Référence', 'Reference', 'المرجع', 'id', 'n°', 'numéro', 'code'),
      required(
        text('title', 'Intitulé', 'Title', 'العنوان', 'accord', 'convention', 'objet', 'titre', 'agreement', 'الاتفاق'),
      ),
      required(choice(AGREEMENT_TYPES, 'type', 'Type', 'Type', 'نوع الاتفاق', 'nature', 'type d’accord')),
      required(
        refersToMany(
          'organisations',
          'parties',
          'Parties',
          'Parties',
          'الأطراف',
          'partenaires',
          'signataires',
          'partners',
        ),
      ),
      choice(stages, 'stage', 'Étape', 'Stage', 'المرحلة', 'état', 'statut', 'situation', 'status'),
      date(
        'since',
        'Depuis',
        'Since',
        'منذ',
        'date',
        'date de l’étape',
        'date de signature',
        'signé le',
        'depuis le',
        'signed on',
      ),
      choice(
        BINDING,
        'binding',
        'Juridiquement contraignant',
        'Legally binding',
        'ملزم قانونا',
        'contraignant',
        'binding',
      ),
      text('framework', 'Cadre', 'Framework', 'الإطار', 'cadre juridique'),
      refersTo('users', 'owner', 'Responsable', 'Owner', 'المسؤول', 'chargé de dossier', 'suivi par'),
      choice(paths, 'lifecycle', 'Parcours', 'Lifecycle', 'المسار'),
      choice(YES_NO, 'confidential', 'Confidentiel', 'Confidential', 'سري'),
    ],
    async records(readStore: ReadStore, which) {
      const rows = await wanted<Row>(readStore, register, which);
      return rows.map((row) => ({
        id: row.id,
        values: stated({
          reference: row.id,
          title: row.title,
          type: row.type,
          parties: row.party_ids.join('; '),
          stage:
            firstOfName.get(nameOf(row.stage, { id: row.lifecycle_id, version: row.lifecycle_version })) ?? row.stage,
          since: row.stage_since,
          binding: row.binding,
          framework: row.framework,
          owner: row.owner,
          lifecycle: row.lifecycle_id,
          confidential: row.confidential ? 'yes' : 'no',
        }),
      }));
    },
    create(id, values, context) {
      const name = values.stage && stages[values.stage]!.fr;
      const own = (values.lifecycle && lifecycles.latest(values.lifecycle)) || lifecycles.for(values.type!);
      // What the type's own lifecycle has no stage for may stand in the general one: old agreements that are simply signed.
      const general = values.lifecycle ? undefined : lifecycles.latest(lifecycles.stock.id);
      const stageIn = ({ lifecycle }: LifecycleVersion) =>
        name ? lifecycle.definition.stages.find(({ labels }) => labels.fr === name)?.id : lifecycle.initial;
      const under = [own, ...(general ? [general] : [])].find(stageIn);
      if (!under) {
        const allowed = own.lifecycle.definition.stages.map(({ labels }) => labels.fr).join(', ');
        return { problems: [{ ...problemOf('not-a-choice', name!, allowed), column: 'stage' }] };
      }
      const path = under.lifecycle.definition.labels.fr;
      const entry = {
        id,
        ...fieldsOf(values, 'title', 'type', 'binding', 'framework', 'owner'),
        parties: listed(values.parties!),
        stage: stageIn(under),
        ...(under !== lifecycles.for(values.type!) && { lifecycle: under.id }),
        since: values.since ?? UNKNOWN,
        ...(values.confidential === 'yes' && { confidential: true }),
      };
      const plan = planOf('agreements', entry, { id: 'reference' }, context);
      if ('problems' in plan || under === own) return plan;
      return { ...plan, remarks: [{ ...remark('general-lifecycle', name!, path), column: 'stage' }] };
    },
    change(record, values, columns, context) {
      const fixed = columns.filter((column) => !PARTICULARS.includes(column) && column !== 'owner');
      if (fixed.length > 0) return { problems: cannotChange(kind, record, values, fixed, context.registers) };
      const changed = columns.filter((column) => PARTICULARS.includes(column));
      const particulars = Object.fromEntries(
        changed.map((column) => [column, column === 'confidential' ? values[column] === 'yes' : values[column]]),
      );
      const commands = [
        ...(changed.length > 0 ? [{ type: 'ChangeParticulars', particulars }] : []),
        ...(columns.includes('owner') ? [{ type: 'AssignOwner', owner: values.owner! }] : []),
      ];
      return { steps: commands.map((command) => changeStep('agreement', record.id, command, context)) };
    },
  };
  return kind;
}
