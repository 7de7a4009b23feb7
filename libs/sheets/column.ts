import { LRUCache } from 'lru-cache';
import { type Language, readSpokenDate, type SpokenDate } from '#calendar';
import type { Labels } from '#lifecycle';
import { edtf, identifier, isNoDate, text as textOf } from '#values';
import { cellContent, type SheetCell } from '#web-api';
import { countryCode, countryNames } from './country.js';
import { plainWords, slug } from './plain-words.js';
import { CellRefused, problemOf } from './problems.js';
import type { RegisterName, Registers } from './registers.js';

/** What a cell was read as. */
export interface CellValue {
  /** The form in which the product keeps it: ids, codes, EDTF. Two cells say the same when this is the same. */
  value: string;
  /** To be confirmed by a person. */
  isDoubtful?: boolean;
  /** Another system's "no date": the cell says nothing, and `value` is empty. */
  isNoDate?: boolean;
}

/** One column of a kind of sheet. */
export interface Column {
  id: string;
  labels: Labels;
  /** Other headings under which desks keep it. */
  also?: string[];
  isRequired?: boolean;
  isDate?: boolean;
  /** What its cells refer to. */
  registers?: RegisterName[];
  /** Reads a cell that is not empty. Throws CellRefused. */
  read(text: string, registers: Registers): CellValue;
  /** Writes a value so that it is read again as the same one. */
  write(value: string, registers: Registers, language: Language): SheetCell;
}

type Head = Pick<Column, 'id' | 'labels'> & Partial<Column>;

const head = (id: string, fr: string, en: string, ar: string, ...also: string[]): Head => ({
  id,
  labels: { fr, en, ar },
  also,
});
export const required = (column: Column): Column => ({ ...column, isRequired: true });

/** A cell holds so many characters at most (the limit of spreadsheet programs). */
const cellText = textOf(32_767);

export function text(...names: Parameters<typeof head>): Column {
  return {
    ...head(...names),
    read(written) {
      const { data, error } = cellText.safeParse(written);
      if (error) throw new CellRefused(problemOf('invalid', written, error.issues[0]!.message));
      return { value: data };
    },
    write: (value) => value,
  };
}

/** The reference by which the row is known; what a desk writes is made an identifier. */
export function reference(...names: Parameters<typeof head>): Column {
  return {
    ...head(...names),
    read(written) {
      const value = identifier.safeParse(written).success ? written : slug(written);
      if (value === '') throw new CellRefused(problemOf('no-reference'));
      return { value };
    },
    write: (value) => value,
  };
}

export function date(...names: Parameters<typeof head>): Column {
  /** Sheets have the same dates over and over. */
  const known = new LRUCache<string, SpokenDate>({ max: 10_000 });
  return {
    ...head(...names),
    isDate: true,
    read(written) {
      const read = known.get(written) ?? readSpokenDate(written);
      if (read) known.set(written, read);
      if (isNoDate(read?.edtf ?? turned(written))) return { value: '', isNoDate: true };
      if (!read) throw new CellRefused(problemOf('not-a-date', written));
      if (!edtf.safeParse(read.edtf).success) throw new CellRefused(problemOf('date-range', written));
      return { value: read.edtf, isDoubtful: read.doubtful };
    },
    write: (value) => (/^\d{4}-\d{2}-\d{2}$/.test(value) ? { day: value } : value),
  };
}

/** What is no day of a calendar, such as 00/00/0000 or 01/01/0001 00:00, with its year first and without its hour. */
const turned = (written: string): string =>
  written
    .trim()
    .replace(/[T ]\d{1,2}:\d{2}.*$/, '')
    .split(/[/.]/)
    .reverse()
    .join('-');

/** One of a few values, written by its name in any of the languages or by its code. */
export function choice(options: Record<string, Labels>, ...names: Parameters<typeof head>): Column {
  const byWords = new Map(
    Object.entries(options).flatMap(([code, labels]) =>
      [code, ...Object.values(labels)].map((words) => [plainWords(words), code] as const),
    ),
  );
  return {
    ...head(...names),
    read(written) {
      const value = byWords.get(plainWords(written));
      if (value !== undefined) return { value };
      const allowed = Object.values(options).map(({ fr }) => fr);
      throw new CellRefused(problemOf('not-a-choice', written, allowed.slice(0, 20).join(', ')));
    },
    write: (value, _registers, language) => options[value]?.[language] ?? value,
  };
}

/** One thing that is on record, by its name or its reference. */
export function refersTo(register: RegisterName, ...names: Parameters<typeof head>): Column {
  return {
    ...head(...names),
    registers: [register],
    read: (written, registers) => ({ value: registers.find(register, written) }),
    write: (value, registers) => registers.uniqueName(register, value),
  };
}

/** Several things on record, separated by semicolons or line breaks. */
export function refersToMany(register: RegisterName, ...names: Parameters<typeof head>): Column {
  return {
    ...head(...names),
    registers: [register],
    read: (written, registers) => ({
      value: [...new Set(listed(written).map((one) => registers.find(register, one)))].join('; '),
    }),
    write: (value, registers) =>
      listed(value)
        .map((id) => registers.uniqueName(register, id))
        .join('; '),
  };
}

export const listed = (text: string): string[] =>
  text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

export function country(...names: Parameters<typeof head>): Column {
  return {
    ...head(...names),
    read: (written) => ({ value: countryCode(written) }),
    write: (value, _registers, language) => countryNames(value)[['fr', 'en', 'ar'].indexOf(language)]!,
  };
}

/**
 * A list of records within a cell: its parts are separated by semicolons, and the fields of each by bars, as in
 * `Chef de file | AMCI; Bailleur | Enabel`. A field that is left out is empty.
 */
export function records(fields: Column[], ...names: Parameters<typeof head>): Column {
  const registers = [...new Set(fields.flatMap((field) => field.registers ?? []))];
  return {
    ...head(...names),
    registers,
    read: (written, known) => ({
      value: listed(written)
        .map((record) => {
          const parts = record.split('|').map((part) => part.trim());
          return recordOf(...fields.map((field, at) => parts[at] && field.read(parts[at]!, known).value));
        })
        .join('; '),
    }),
    write: (value, known, language) =>
      listed(value)
        .map((record) =>
          record
            .split('|')
            .map((part, at) => (part === '' ? '' : String(cellContent(fields[at]!.write(part, known, language)))))
            .join(' | '),
        )
        .join('; '),
  };
}

/** The fields of each record of a cell, in order; an empty one is undefined. */
export const recordsIn = (value: string | undefined): (string | undefined)[][] =>
  listed(value ?? '').map((record) => record.split('|').map((part) => part || undefined));

/** A text as part of a record: what separates records cannot stand in it. */
export const recordPart = (text: string | null | undefined): string => (text ?? '').replace(/[;|\n]/g, ',');

/** A record as a cell has it; fields that are missing at its end are left out. */
export const recordOf = (...fields: (string | null | undefined)[]): string =>
  fields.map(recordPart).join('|').replace(/\|+$/, '');
