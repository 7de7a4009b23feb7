import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { SHEET_FORMATS, type SheetFormat, sheetFile } from '#web-api';
import { runsOf } from '../../test/support/sample.js';
import { guessColumns } from './headings.js';
import { organisations } from './kinds/organisations.js';
import { recognise, rowsOf } from './reading.js';

const folder = mkdtempSync(join(tmpdir(), 'paraphe-sheet-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

async function readAgain(format: SheetFormat, header: string[], rows: string[][]): Promise<string[][]> {
  const file = join(folder, `${count++}`);
  await pipeline(sheetFile(format, { header, rows, language: 'fr' }), createWriteStream(file));
  const read: string[][] = [];
  for await (const { cells } of rowsOf(file, await recognise(file))) read.push(header.map((_, at) => cells[at] ?? ''));
  return read;
}

/** What a cell can hold: no control characters, which XML has no place for, and no spaces around it, which nobody sees. */
const cell = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\ufffe\uffff]/gu, ' ')
    .replace(/^'+/, '')
    .trim(),
);

describe('a sheet that was written', () => {
  it.each(SHEET_FORMATS)('is read as it was: %s', async (format) => {
    const table = fc.array(fc.tuple(fc.constant('x'), cell, cell), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        expect(await readAgain(format, ['A', 'B', 'C'], rows)).toEqual([['A', 'B', 'C'], ...rows]);
      }),
      { numRuns: runsOf(60) },
    );
  });

  it.each(
    SHEET_FORMATS,
  )('keeps what looks like a formula, a number, a date or several lines as it stands: %s', async (format) => {
    const rows = [
      ['=1+1', '-5', '+33 1'],
      ['@x', '0012', '2018-03'],
      ['a\nb', 'c"d', 'e;f,g'],
    ];
    expect(await readAgain(format, ['A', 'B', 'C'], rows)).toEqual([['A', 'B', 'C'], ...rows]);
  });
});

describe('columns', () => {
  it.each([
    [['Référence', 'Nom', 'Sigle', 'Nature', 'Pays'], { reference: 0, name: 1, acronym: 2, kind: 3, country: 4 }],
    [['COUNTRY', 'organisation', 'Type'], { name: 1, kind: 2, country: 0 }],
    [['الاسم', 'البلد', 'النوع'], { name: 0, kind: 2, country: 1 }],
    [['Nom du partenaire', 'Natures'], { name: 0, kind: 1 }],
    [['Budget', 'Couleur'], {}],
  ])('are known by their headings: %j', (headings, columns) => {
    expect(guessColumns(organisations, headings)).toEqual(columns);
  });
});
