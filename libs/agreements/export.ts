import type { QueryBus } from '@nestjs/cqrs';
import { z } from 'zod';
import { datePhrase, type Language } from '#calendar';
import { language } from '#values';
import { SHEET_FORMATS, type SheetContent, separated } from '#web-api';
import { agreementFilter, ListAgreements } from './agreement.lists.js';
import type { AgreementSummary } from './agreement.view.js';

const PAGE = 500;

/** The columns of an exported list, and what each is called. */
const COLUMNS = {
  id: { fr: 'Référence', en: 'Reference', ar: 'المرجع' },
  title: { fr: 'Accord', en: 'Agreement', ar: 'الاتفاق' },
  type: { fr: 'Type', en: 'Type', ar: 'النوع' },
  stage: { fr: 'Étape', en: 'Stage', ar: 'المرحلة' },
  since: { fr: 'Depuis', en: 'Since', ar: 'منذ' },
  parties: { fr: 'Parties', en: 'Parties', ar: 'الأطراف' },
  countries: { fr: 'Pays', en: 'Countries', ar: 'البلدان' },
  owner: { fr: 'Responsable', en: 'Owner', ar: 'المسؤول' },
  signatures: { fr: 'Signatures', en: 'Signatures', ar: 'التوقيعات' },
  waiting: { fr: 'Jours ouvrés sans mouvement', en: 'Working days idle', ar: 'أيام عمل دون حركة' },
  overdue: { fr: 'En retard', en: 'Overdue', ar: 'متأخر' },
  signed: { fr: 'Signé le', en: 'Signed on', ar: 'تاريخ التوقيع' },
  due: { fr: 'Échéance', en: 'Due', ar: 'الأجل' },
} satisfies Record<string, Record<Language, string>>;
type Column = keyof typeof COLUMNS;
const COLUMN_NAMES = Object.keys(COLUMNS) as Column[];

export const exportOptions = agreementFilter.omit({ limit: true, cursor: true, asOf: true, effectiveAt: true }).extend({
  format: z.enum(SHEET_FORMATS),
  language: language.default('fr'),
  columns: separated(z.array(z.enum(COLUMN_NAMES)).min(1), 500).meta({
    description: `Which columns, in which order, separated by commas: ${COLUMN_NAMES.join(', ')}`,
  }),
});
export type ExportOptions = z.infer<typeof exportOptions>;

/** A list of agreements as a sheet: what is shown, page after page, under the same filters and in the same order. */
export function exported(queries: QueryBus, { format: _, language, columns, ...filter }: ExportOptions): SheetContent {
  const chosen = columns ?? COLUMN_NAMES;
  const header = chosen.map((column) => COLUMNS[column][language]);
  async function* rows() {
    for (let cursor: string | undefined; ; ) {
      const query = new ListAgreements({ ...filter, limit: PAGE, ...(cursor && { cursor }) });
      const { items, next } = await queries.execute(query);
      for (const item of items) yield chosen.map((column) => cellOf(item, column, language));
      if (!next) break;
      cursor = next;
    }
  }
  return { header, rows: rows(), language };
}

function cellOf(agreement: AgreementSummary, column: Column, language: Language): string | number {
  const said = (date: { edtf: string } | undefined) => (date ? datePhrase(date.edtf, language) : '');
  switch (column) {
    case 'id':
    case 'title':
    case 'type':
      return agreement[column];
    case 'stage':
      return agreement.stage.labels[language] ?? agreement.stage.labels.fr;
    case 'since':
      return said(agreement.stage.since);
    case 'parties':
      return agreement.parties.map(({ name }) => name).join('; ');
    case 'countries':
      return agreement.parties.flatMap(({ country }) => country ?? []).join(', ');
    case 'owner':
      return agreement.owner?.name ?? '';
    case 'signatures':
      return `${agreement.signatures.signed} / ${agreement.signatures.wanted}`;
    case 'waiting':
      return agreement.waiting?.workingDays ?? '';
    case 'overdue':
      return agreement.waiting?.overdue || agreement.due?.isOver ? COLUMNS.overdue[language] : '';
    case 'signed':
      return said(agreement.signedOn);
    case 'due':
      return said(agreement.due?.on);
  }
}
