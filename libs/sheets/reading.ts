import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { streamXlsxRows } from 'hucre/xlsx';
import { columnName } from '#web-api';
import { LIMITS } from './limits.js';
import { SheetRefused } from './sheet-errors.js';
import { type Encoding, guessEncoding, textOf } from './text-encoding.js';
import { checkWorkbook, type WorkbookCheck } from './workbook-check.js';

/** How a file is to be read. */
export type SheetSource =
  | { format: 'csv'; encoding: Encoding; delimiter: string }
  | { format: 'xlsx'; sheets: { name: string; part: string }[]; sheet: string };

/** One row: its number as a spreadsheet counts it, its cells as texts, and what is odd about some of them. */
export interface SheetRow {
  line: number;
  cells: string[];
  /** By the index of the cell. */
  oddities?: Map<number, Oddity>;
}

/** A cell that is not what it seems. */
export type Oddity =
  /** It lies under a merged cell, whose value it has. */
  { kind: 'merged'; area: string } | { kind: 'no-result' } | { kind: 'error'; shown: string };

/**
 * What a file is, by what it holds and not by its name.
 *
 * @throws SheetRefused when it is neither CSV nor a workbook, or one that is dangerous to open
 */
export async function recognise(file: string): Promise<SheetSource> {
  const start = await firstBytes(file, 4_096);
  if (start.length === 0) throw new SheetRefused('empty', 'The file is empty.');
  if (start.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) {
    if (!(await lastBytes(file, 70_000)).includes('PK\u0005\u0006'))
      throw new SheetRefused('zip', 'The workbook is damaged: its end is missing. Send it again.');
    const { sheets } = await checkWorkbook(file);
    return { format: 'xlsx', sheets, sheet: sheets[0]!.name };
  }
  if (start.subarray(0, 8).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])))
    throw new SheetRefused(
      'format',
      'This is a workbook of the old kind (.xls), or one that is locked by a password. Save it as .xlsx without a password, or as CSV.',
      415,
    );
  if (start.subarray(0, 5).equals(Buffer.from('%PDF-')))
    throw new SheetRefused('format', 'This is a PDF. Send the sheet itself, as .xlsx or CSV.', 415);
  const encoding = await guessEncoding(file);
  let text = '';
  for await (const piece of textOf(file, encoding)) {
    text += piece;
    if (text.length > 65_536) break;
  }
  if (text.slice(0, 65_536).includes('\u0000'))
    throw new SheetRefused('format', 'The file is neither CSV nor an .xlsx workbook.', 415);
  if (/^\s*<(!DOCTYPE html|html|table|\?xml)/i.test(text))
    throw new SheetRefused(
      'format',
      'This is a web page or XML, whatever its name says. Save the sheet as .xlsx or CSV.',
      415,
    );
  return { format: 'csv', encoding, delimiter: delimiterOf(text) };
}

/**
 * The rows of a sheet, one after the other; empty ones are left out, and count all the same.
 *
 * @throws SheetRefused when it has more than a sheet may have, or cannot be read to its end
 */
export async function* rowsOf(file: string, source: SheetSource): AsyncGenerator<SheetRow> {
  let rows = 0;
  for await (const row of source.format === 'csv' ? csvRows(file, source) : xlsxRows(file, source)) {
    if (row.cells.length > LIMITS.columns)
      throw new SheetRefused(
        'columns',
        `Row ${row.line} has ${row.cells.length} columns; ${LIMITS.columns} are allowed.`,
      );
    if (row.cells.every((cell) => cell === '')) continue;
    if (++rows > LIMITS.rows)
      throw new SheetRefused(
        'rows',
        `The sheet has more than ${LIMITS.rows.toLocaleString('en')} rows. Divide it.`,
        413,
      );
    yield row;
  }
}

async function* csvRows(
  file: string,
  { encoding, delimiter }: SheetSource & { format: 'csv' },
): AsyncGenerator<SheetRow> {
  const parser = Readable.from(textOf(file, encoding)).pipe(
    parse({ delimiter, relax_column_count: true, relax_quotes: true, max_record_size: 1_000_000, info: true }),
  );
  try {
    let line = 0;
    for await (const { record } of parser as AsyncIterable<{ record: string[] }>)
      yield { line: ++line, cells: record.map((cell) => withoutGuard(cell).trim()) };
  } catch (error) {
    throw new SheetRefused('csv', `The file cannot be read as CSV: ${error instanceof Error ? error.message : error}`);
  }
}

/** Without the apostrophe by which exports keep a spreadsheet from running a text as a formula. */
const withoutGuard = (cell: string): string => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

async function* xlsxRows(file: string, { sheets, sheet }: SheetSource & { format: 'xlsx' }): AsyncGenerator<SheetRow> {
  const { part } = sheets.find(({ name }) => name === sheet)!;
  const check = await checkWorkbook(file, part);
  const merges = mergesOf(check);
  const bytes = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  try {
    for await (const { index, values } of streamXlsxRows(bytes, { sheet, maxInputBytes: LIMITS.bytes })) {
      const line = index + 1;
      const cells = values.map(textOfCell);
      const oddities = merges.applied(line, cells);
      markOdd(check, line, cells, oddities);
      yield { line, cells, ...(oddities.size > 0 && { oddities }) };
    }
  } catch (error) {
    if (error instanceof SheetRefused) throw error;
    throw new SheetRefused('xlsx', `The workbook cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function textOfCell(value: string | number | boolean | Date | null): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return String(value).trim();
}

function markOdd(check: WorkbookCheck, line: number, cells: string[], oddities: Map<number, Oddity>): void {
  if (check.withoutResult.size + check.failed.size === 0) return;
  for (let at = 0; at < cells.length; at++) {
    const reference = `${columnName(at)}${line}`;
    const shown = check.failed.get(reference);
    if (shown !== undefined) oddities.set(at, { kind: 'error', shown });
    else if (check.withoutResult.has(reference)) oddities.set(at, { kind: 'no-result' });
  }
}

interface Area {
  area: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
  value?: string;
}

/** Gives every cell under a merged one the value that all of them show. */
function mergesOf({ merged }: WorkbookCheck) {
  const areas: Area[] = merged.map((area) => {
    const [from, to] = area.split(':').map((reference) => /^([A-Z]+)(\d+)$/.exec(reference)!) as [
      RegExpExecArray,
      RegExpExecArray,
    ];
    return { area, left: columnAt(from[1]!), right: columnAt(to[1]!), top: Number(from[2]), bottom: Number(to[2]) };
  });
  areas.sort((a, b) => a.top - b.top);
  let open: Area[] = [];
  let next = 0;
  return {
    applied(line: number, cells: string[]): Map<number, Oddity> {
      const oddities = new Map<number, Oddity>();
      while (next < areas.length && areas[next]!.top <= line) open.push(areas[next++]!);
      open = open.filter(({ bottom }) => bottom >= line);
      for (const one of open) {
        if (one.top === line) one.value = cells[one.left] ?? '';
        for (let at = one.left; at <= Math.min(one.right, LIMITS.columns); at++) {
          if (one.top === line && at === one.left) continue;
          while (cells.length <= at) cells.push('');
          cells[at] = one.value ?? '';
          oddities.set(at, { kind: 'merged', area: one.area });
        }
      }
      return oddities;
    },
  };
}

const columnAt = (letters: string): number =>
  [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;

/** The delimiter that the first lines have most evenly. */
function delimiterOf(text: string): string {
  const lines = text
    .replace(/"(?:[^"]|"")*"/g, '')
    .split(/\r?\n/)
    .slice(0, 20)
    .filter((line) => line.trim() !== '');
  const evenness = (delimiter: string) => {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    return Math.min(...counts) * 1_000 + counts.reduce((sum, count) => sum + count, 0);
  };
  return [';', ',', '\t', '|'].reduce((best, one) => (evenness(one) > evenness(best) ? one : best));
}

const firstBytes = (file: string, count: number) => bytesOf(file, count, () => 0);
const lastBytes = (file: string, count: number) => bytesOf(file, count, (size) => Math.max(0, size - count));

async function bytesOf(file: string, count: number, from: (size: number) => number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, from(size));
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
