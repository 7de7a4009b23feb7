import { organisations as register } from '#organisations';
import type { ReadStore } from '#read-store';
import { ORGANISATION_KINDS } from '../choices.js';
import { choice, country, reference, required, text } from '../column.js';
import { cannotChange, fieldsOf, planOf, type SheetKind, stated } from '../sheet-kind.js';
import { changeStep, wanted } from './records.js';

export const organisations: SheetKind = {
  id: 'organisations',
  named: ['name'],
  columns: [
    reference('reference', 'Référence', 'Reference', 'المرجع', 'id', 'code'),
    required(text('name', 'Nom', 'Name', 'الاسم', 'organisation', 'organisme', 'partenaire', 'institution')),
    text('acronym', 'Sigle', 'Acronym', 'الاسم المختصر', 'acronyme', 'abréviation'),
    required(choice(ORGANISATION_KINDS, 'kind', 'Nature', 'Kind', 'النوع', 'type', 'catégorie')),
    country('country', 'Pays', 'Country', 'البلد'),
    text('note', 'Note', 'Note', 'ملاحظة', 'observations', 'remarques', 'commentaire'),
  ],
  async records(readStore: ReadStore, which) {
    const rows = await wanted(readStore, register, which);
    return rows.map(({ id, name, acronym, kind, country: of, note }) => ({
      id,
      values: stated({ reference: id, name, acronym, kind, country: of, note }),
    }));
  },
  create: (id, values, context) =>
    planOf('organisations', { id, ...fieldsOf(values, 'name', 'acronym', 'kind', 'country', 'note') }, {}, context),
  change(record, values, columns, context) {
    // A short form changes with the name that it stands for.
    const renamed = columns.includes('name') ? ['name', 'acronym'] : [];
    const fixed = columns.filter((column) => !renamed.includes(column));
    if (fixed.length > 0) return { problems: cannotChange(organisations, record, values, fixed, context.registers) };
    const { name = record.values.name!, acronym } = values;
    const command = { type: 'RenameOrganisation', name, ...(acronym && { acronym }) };
    return { steps: [changeStep('organisation', record.id, command, context)] };
  },
};
