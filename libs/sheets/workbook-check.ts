import { createReadStream } from 'node:fs';
import { Unzip, UnzipInflate } from 'fflate';
import { SaxesParser } from 'saxes';
import { LIMITS, megabytes } from './limits.js';
import { SheetRefused } from './sheet-errors.js';

/** What a workbook holds that its rows do not tell. */
export interface WorkbookCheck {
  sheets: { name: string; part: string }[];
  /** The areas of the sheet that are merged, as `A2:A5`. */
  merged: string[];
  /** The cells whose formula has no kept result. */
  withoutResult: Set<string>;
  /** The cells that show an error, such as #REF!, and which. */
  failed: Map<string, string>;
}

/** What lists the sheets of a workbook, and where each is. */
const WORKBOOK = 'xl/workbook.xml';
const RELATIONS = 'xl/_rels/workbook.xml.rels';
const MOST_LISTING = 1_000_000;

/** Declarations stand at the beginning of a part. */
const HEAD = 4_096;
/** So many odd cells are named one by one. */
const MOST_NAMED = 10_000;
/** A tag of a cell may be cut in two between pieces; it is never longer than this, but for its text. */
const CARRY = 2_048;
/** Nothing in it may run on without end: each attempt would go through the rest of the piece. */
const CELL =
  /<c r="([A-Z]{1,3}\d{1,7})"([^<>]{0,500})>(?:<f[^<>]{0,500}\/>|<f[^<>]{0,500}>[^<]{0,8192}<\/f>)?(?:<v>([^<]{0,32767})<\/v>|<v\/>)?/g;

/**
 * Looks through a workbook before it is read, piece by piece: how large it is unpacked, that no part declares entities, and which cells
 * are not what they seem.
 *
 * @param part the sheet's own part, as `xl/worksheets/sheet1.xml`; every part is measured
 * @throws SheetRefused for what unpacks to more than it may, declares entities, or is no ZIP archive
 */
export async function checkWorkbook(file: string, part?: string): Promise<WorkbookCheck> {
  const found: WorkbookCheck = { sheets: [], merged: [], withoutResult: new Set(), failed: new Map() };
  const listings = { [WORKBOOK]: '', [RELATIONS]: '' };
  let unpacked = 0;
  let problem: Error | undefined;
  const unzip = new Unzip((entry) => {
    const isXml = /\.(xml|rels|vml)$/.test(entry.name);
    const isSheet = entry.name === part;
    const decoder = new TextDecoder();
    let carried = '';
    let head = '';
    entry.ondata = (error, bytes) => {
      if (error) problem ??= new SheetRefused('zip', 'The workbook is damaged: a part of it cannot be unpacked.');
      unpacked += bytes?.length ?? 0;
      if (unpacked > LIMITS.unpackedBytes)
        problem ??= new SheetRefused(
          'unpacked-size',
          `The workbook unpacks to more than ${megabytes(LIMITS.unpackedBytes)}, which no sheet of at most ${LIMITS.rows.toLocaleString('en')} rows does.`,
          413,
        );
      if (problem || !isXml) return;
      const piece = decoder.decode(bytes, { stream: true });
      if (head.length < HEAD) head += piece.slice(0, HEAD);
      if (/<!(DOCTYPE|ENTITY)/i.test(head))
        problem ??= new SheetRefused(
          'entities',
          'A part of the workbook declares entities (DOCTYPE). Workbooks never do; it is not read.',
        );
      if (entry.name in listings && listings[entry.name as typeof WORKBOOK].length < MOST_LISTING)
        listings[entry.name as typeof WORKBOOK] += piece;
      if (!isSheet) return;
      const text = carried + piece;
      carried = text.slice(-CARRY);
      lookAt(text, found);
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 16 * 1024 })) {
      unzip.push(chunk as Uint8Array);
      if (problem) throw problem;
    }
    unzip.push(new Uint8Array(), true);
  } catch (error) {
    throw error instanceof SheetRefused
      ? error
      : new SheetRefused('zip', 'The workbook is damaged: it cannot be unpacked to its end.');
  }
  if (problem) throw problem;
  found.sheets = sheetsIn(listings[WORKBOOK], listings[RELATIONS]);
  if (found.sheets.length === 0)
    throw new SheetRefused('zip', 'The file is a ZIP archive, but no workbook: it has no sheet.', 415);
  return found;
}

function lookAt(text: string, found: WorkbookCheck): void {
  for (const [, area] of text.matchAll(/<mergeCell ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"/g)) {
    if (found.merged.length < MOST_NAMED && !found.merged.includes(area!)) found.merged.push(area!);
  }
  // Most sheets have neither formulas nor errors, and need no closer look.
  if (!text.includes('<f') && !text.includes('t="e"')) return;
  for (const [cell, reference, attributes, value] of text.matchAll(CELL)) {
    if (found.withoutResult.size + found.failed.size >= MOST_NAMED) return;
    if (attributes!.includes('t="e"')) found.failed.set(reference!, value ?? '#ERROR');
    else if (cell.includes('<f') && value === undefined && !attributes!.includes('t="str"'))
      found.withoutResult.add(reference!);
  }
}

function sheetsIn(workbook: string, relations: string): WorkbookCheck['sheets'] {
  const targets = new Map(elements(relations, 'Relationship').map(({ Id, Target }) => [Id, Target]));
  return elements(workbook, 'sheet').flatMap(({ name, 'r:id': id }) => {
    const target = targets.get(id);
    return name && target ? { name, part: target.startsWith('/') ? target.slice(1) : `xl/${target}` } : [];
  });
}

/** The attributes of each element of a name; none of a text that is not well-formed. */
function elements(xml: string, name: string): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', (tag) => {
    if (tag.name === name) found.push(tag.attributes as Record<string, string>);
  });
  try {
    parser.write(xml).close();
  } catch {
    return [];
  }
  return found;
}
