import { Readable } from 'node:stream';
import { strToU8, Zip, ZipDeflate } from 'fflate';
import type { Language } from '#calendar';
import { BYTE_ORDER_MARK, csvRow } from './csv.js';
import type { Reply } from './request.js';
import { xmlText } from './xml.js';

/** What one cell holds: a day is `{ day: 'YYYY-MM-DD' }`; a marked text is shown in red. */
export type SheetCell = string | number | { day: string } | { marked: string };

export const SHEET_FORMATS = ['csv', 'xlsx'] as const;
export type SheetFormat = (typeof SHEET_FORMATS)[number];

const MEDIA_TYPES: Record<SheetFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export interface SheetContent {
  header: string[];
  rows: AsyncIterable<SheetCell[]> | Iterable<SheetCell[]>;
  /** An Arabic workbook is laid out from right to left. */
  language: Language;
}

/**
 * A sheet as a file, written while its rows come: it takes no more memory for more rows. What a spreadsheet would run as a formula is a
 * text in both formats.
 *
 * CSV is RFC 4180 in UTF-8 with a byte order mark, by which spreadsheets know the encoding. A workbook (ECMA-376) has its strings in
 * the cells, days as days, and its first row bold and held in place.
 */
export const sheetFile = (format: SheetFormat, content: SheetContent): Readable =>
  Readable.from(format === 'csv' ? csv(content) : xlsx(content), { objectMode: false });

/** Answers with a sheet to be saved as `name.csv` or `name.xlsx`. */
export async function sendSheet(reply: Reply, name: string, format: SheetFormat, content: SheetContent): Promise<void> {
  await reply
    .header('content-type', MEDIA_TYPES[format])
    .header('content-disposition', `attachment; filename="${name}.${format}"`)
    .send(sheetFile(format, content));
}

/** So much is gathered before it is passed on. */
const CHUNK = 64 * 1024;

async function* csv({ header, rows }: SheetContent): AsyncGenerator<Buffer> {
  let text = BYTE_ORDER_MARK + csvRow(header);
  for await (const row of rows) {
    text += csvRow(row.map(cellContent));
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/** What a cell says, without its form. */
export const cellContent = (cell: SheetCell): string | number => {
  if (typeof cell !== 'object') return cell;
  return 'day' in cell ? cell.day : cell.marked;
};

/** The parts of a workbook of one sheet, but for the sheet. Styles: 0 plain, 1 bold, 2 a day, 3 marked. */
const PARTS = {
  '[Content_Types].xml':
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>',
  '_rels/.rels':
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
  'xl/workbook.xml':
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Paraphe" sheetId="1" r:id="rId1"/></sheets></workbook>',
  'xl/_rels/workbook.xml.rels':
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>',
  'xl/styles.xml':
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font><font><sz val="11"/><color rgb="FFB00020"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFFDE7E9"/></patternFill></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="2" fillId="2" applyFont="1" applyFill="1"/></cellXfs></styleSheet>',
};
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

async function* xlsx({ header, rows, language }: SheetContent): AsyncGenerator<Uint8Array> {
  let made: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    made.push(chunk);
  });
  for (const [name, content] of Object.entries(PARTS)) {
    const part = new ZipDeflate(name, { level: 6 });
    zip.add(part);
    part.push(strToU8(HEAD + content), true);
  }
  const sheet = new ZipDeflate('xl/worksheets/sheet1.xml', { level: 4 });
  zip.add(sheet);
  const columns = header.map(
    (name, at) => `<col min="${at + 1}" max="${at + 1}" width="${Math.max(14, name.length + 2)}" customWidth="1"/>`,
  );
  let text = `${HEAD}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"${language === 'ar' ? ' rightToLeft="1"' : ''}><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns.join('')}</cols><sheetData>`;
  text += rowXml(1, header, 1);
  let number = 1;
  for await (const row of rows) {
    text += rowXml(++number, row);
    if (text.length < CHUNK) continue;
    sheet.push(strToU8(text));
    text = '';
    yield* made;
    made = [];
  }
  sheet.push(strToU8(`${text}</sheetData></worksheet>`), true);
  zip.end();
  yield* made;
}

const rowXml = (number: number, cells: SheetCell[], style = 0): string =>
  `<row r="${number}">${cells.map((cell, at) => cellXml(`${columnName(at)}${number}`, cell, style)).join('')}</row>`;

function cellXml(reference: string, cell: SheetCell, style: number): string {
  if (typeof cell === 'number') return `<c r="${reference}"><v>${cell}</v></c>`;
  if (typeof cell === 'object' && 'day' in cell) {
    const serial = serialOf(cell.day);
    return serial === undefined ? textXml(reference, cell.day, 0) : `<c r="${reference}" s="2"><v>${serial}</v></c>`;
  }
  if (typeof cell === 'object') return textXml(reference, cell.marked, 3);
  return cell === '' ? '' : textXml(reference, cell, style);
}

const textXml = (reference: string, text: string, style: number): string =>
  `<c r="${reference}" t="inlineStr"${style ? ` s="${style}"` : ''}><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;

/** The letters by which a spreadsheet calls a column: A, B … Z, AA; counted from 0. */
export function columnName(at: number): string {
  const letter = String.fromCharCode(65 + (at % 26));
  return at < 26 ? letter : columnName(Math.floor(at / 26) - 1) + letter;
}

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(1899, 11, 30);
/** Spreadsheets count days from 1900, and wrongly before 1 March 1900: what is older stays a text. */
function serialOf(day: string): number | undefined {
  return day < '1900-03-01' ? undefined : (Date.parse(day) - FIRST_DAY) / DAY_MS;
}
