import { COUNTRIES } from '#values';
import { plainWords } from './plain-words.js';
import { CellRefused, problemOf } from './problems.js';

const REGIONS = (['fr', 'en', 'ar'] as const).map((language) => new Intl.DisplayNames(language, { type: 'region' }));
let countries: Map<string, string> | undefined;

/** What a country is called in French, English and Arabic. */
export const countryNames = (code: string): string[] => REGIONS.map((region) => region.of(code)!);

/** The countries (ISO 3166-1 alpha-2) by their names in the three languages and by their code. */
export function countryCode(text: string): string {
  countries ??= new Map(
    COUNTRIES.flatMap((code) => {
      const names = countryNames(code);
      return names[0] === code || new Intl.Locale(`und-${code}`).region !== code
        ? []
        : [code, ...names].map((name) => [plainWords(name), code] as const);
    }),
  );
  const code = countries.get(plainWords(text));
  if (code === undefined) throw new CellRefused(problemOf('unknown', text));
  return code;
}
