import { meetings as register } from '#meetings';
import type { ReadStore } from '#read-store';
import { MEETING_KINDS } from '../choices.js';
import { choice, country, date, recordOf, records, recordsIn, reference, refersTo, required, text } from '../column.js';
import { cannotChange, fieldsOf, planOf, type SheetKind, stated } from '../sheet-kind.js';
import { wanted } from './records.js';

const PARTICIPANT_FIELDS = [
  refersTo('people', 'person', 'Personne', 'Person', 'الشخص'),
  text('capacity', 'Qualité', 'Capacity', 'الصفة'),
  refersTo('organisations', 'organisation', 'Organisation', 'Organisation', 'المنظمة'),
  country('country', 'Pays', 'Country', 'البلد'),
];

/** Meetings as they were held; what they agreed to do is kept on their page. */
export const meetings: SheetKind = {
  id: 'meetings',
  named: ['kind', 'heldOn', 'country', 'occasion'],
  columns: [
    reference('reference', 'Référence', 'Reference', 'المرجع', 'id', 'n°', 'code'),
    required(choice(MEETING_KINDS, 'kind', 'Nature', 'Kind', 'النوع', 'type', 'rencontre')),
    required(date('heldOn', 'Date', 'Date', 'التاريخ', 'tenue le', 'held on', 'dates')),
    country('country', 'Pays', 'Country', 'البلد', 'pays partenaire'),
    text('occasion', 'Occasion', 'Occasion', 'المناسبة', 'en marge de'),
    records(PARTICIPANT_FIELDS, 'participants', 'Participants', 'Participants', 'المشاركون'),
    text('note', 'Note', 'Note', 'ملاحظة', 'observations', 'remarques', 'objet'),
  ],
  async records(readStore: ReadStore, which) {
    const rows = await wanted(readStore, register, which);
    return rows.map((row) => ({
      id: row.id,
      values: stated({
        reference: row.id,
        kind: row.kind,
        heldOn: row.held_on,
        country: row.country,
        occasion: row.occasion,
        participants: row.participants
          .map((one) => recordOf(one.person, one.capacity, one.organisation, one.country))
          .join('; '),
        note: row.note,
      }),
    }));
  },
  create(id, values, context) {
    const participants = recordsIn(values.participants).map(([person, capacity, organisation, of]) => ({
      person,
      ...(capacity && { capacity }),
      ...(organisation && { organisation }),
      ...(of && { country: of }),
    }));
    const entry = { id, ...fieldsOf(values, 'kind', 'heldOn', 'country', 'occasion', 'note'), participants };
    return planOf('meetings', entry, { id: 'reference' }, context);
  },
  change: (record, values, columns, { registers }) => ({
    problems: cannotChange(meetings, record, values, columns, registers),
  }),
};
