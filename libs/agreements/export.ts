import { QueryBus } from '@nestjs/cqrs';
import writeExcelFile from 'write-excel-file/node';
import { z } from 'zod';
import { datePhrase, type Language } from '#calendar';
import { BYTE_ORDER_MARK, csvRow, separated } from '#web-api';
import { agreementFilter, ListAgreements } from './agreement.lists.js';
import type { AgreementSummary } from './agreement.view.js';

const PAGE = 200;

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
  format: z.enum(['csv', 'xlsx']),
  language: z.enum(['fr', 'en', 'ar']).default('fr'),
  columns: separated(z.array(z.enum(COLUMN_NAMES)).min(1), 500).meta({
    description: `Which columns, in which order, separated by commas: ${COLUMN_NAMES.join(', ')}`,
  }),
});
export type ExportOptions = z.infer<typeof exportOptions>;

/** A list of agreements as a sheet: what is shown, page after page, under the same filters and in the same order. */
export async function exported(queries: QueryBus, { format, language, columns, ...filter }: ExportOptions) {
  const chosen = columns ?? COLUMN_NAMES;
  const rows: (string | number)[][] = [];
  for (let cursor: string | undefined; ; ) {
    const query = new ListAgreements({ ...filter, limit: PAGE, ...(cursor && { cursor }) });
    const { items, next } = await queries.execute(query);
    for (const item of items) rows.push(chosen.map((column) => cellOf(item, column, language)));
    if (!next) break;
    cursor = next;
  }
  const header = chosen.map((column) => COLUMNS[column][language]);
  return format === 'csv' ? csv([header, ...rows]) : xlsx(header, rows, language);
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

/** RFC 4180, in UTF-8 with a byte order mark, by which spreadsheets know the encoding. */
const csv = (rows: (string | number)[][]): Buffer => Buffer.from(BYTE_ORDER_MARK + rows.map(csvRow).join(''));

function xlsx(header: string[], rows: (string | number)[][], language: Language): Promise<Buffer> {
  const head = header.map((value) => ({ value, fontWeight: 'bold' as const }));
  const cells = rows.map((row) =>
    row.map((value) =>
      typeof value === 'number'
        ? { value, type: Number as NumberConstructor }
        : { value, type: String as StringConstructor },
    ),
  );
  const columns = header.map((name) => ({ width: Math.max(14, name.length + 2) }));
  const options = { sheet: 'Paraphe', columns, stickyRowsCount: 1, rightToLeft: language === 'ar' };
  return writeExcelFile([head, ...cells], options).toBuffer();
}
