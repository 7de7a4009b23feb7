import { distance } from 'fastest-levenshtein';
import { sql } from 'kysely';
import { users } from '#access';
import { agreements } from '#agreements';
import type { ReadModelName } from '#event-sourcing';
import { organisations } from '#organisations';
import { people } from '#people';
import { programmes } from '#programmes';
import { projects } from '#projects';
import type { ReadStore } from '#read-store';
import { countryNames } from './country.js';
import { plainWords } from './plain-words.js';
import { CellRefused, problemOf } from './problems.js';

const table = ({ name }: ReadModelName<string, { id: string }>) => sql.table(name);

/** What cells may refer to, and where its names are. A name may be the title, the short form, or the address of a user. */
const SOURCES = {
  /** A state is called by its country's name too. */
  organisations: sql<Named>`select id, name, acronym as short, case kind when 'state' then country end as country from ${table(organisations)}`,
  programmes: sql<Named>`select id, title as name, null as short from ${table(programmes)}`,
  projects: sql<Named>`select id, title as name, acronym as short from ${table(projects)}`,
  agreements: sql<Named>`select id, title as name, null as short from ${table(agreements)}`,
  people: sql<Named>`select id, name, null as short from ${table(people)} where not erased`,
  users: sql<Named>`select u.id, coalesce(p.name, u.id) as name, p.email as short from ${table(users)} u left join ${table(people)} p on p.id = u.id`,
};
export type RegisterName = keyof typeof SOURCES;

interface Named {
  id: string;
  name: string;
  short: string | null;
  country?: string | null;
}

/** Among more names than this no nearest one is looked for. */
const MOST_COMPARED = 20_000;

/** Names to ids and back. Cells name things as people do; the log holds ids. */
export class Registers {
  private readonly loaded = new Map<RegisterName, { byWords: Map<string, Set<string>>; names: Map<string, string> }>();

  /** @param aliases what the user said that a name means, `register:words` to an id */
  constructor(
    private readonly readStore: ReadStore,
    private readonly aliases: Record<string, string> = {},
  ) {}

  async load(...registers: RegisterName[]): Promise<void> {
    for (const register of registers) {
      if (this.loaded.has(register)) continue;
      const { rows } = await SOURCES[register].execute(this.readStore.tables());
      const byWords = new Map<string, Set<string>>();
      const names = new Map<string, string>();
      for (const { id, name, short, country } of rows) {
        names.set(id, name);
        for (const words of [name, short, ...(country ? countryNames(country) : [])]) {
          if (!words) continue;
          const known = byWords.get(plainWords(words));
          if (known) known.add(id);
          else byWords.set(plainWords(words), new Set([id]));
        }
      }
      this.loaded.set(register, { byWords, names });
    }
  }

  /** @throws CellRefused when nothing, or more than one thing, is called that; it names the nearest */
  find(register: RegisterName, text: string): string {
    const { byWords, names } = this.loaded.get(register)!;
    const alias = this.aliases[`${register}:${text}`];
    if (alias !== undefined && names.has(alias)) return alias;
    if (names.has(text)) return text;
    const words = plainWords(text);
    const found = byWords.get(words);
    if (found?.size === 1) return [...found][0]!;
    if (found) throw new CellRefused(problemOf('ambiguous', text, [...found].slice(0, 5).join(', ')));
    const nearest = this.nearest(words, byWords);
    if (nearest === undefined) throw new CellRefused(problemOf('unknown', text));
    const suggestion = { id: nearest, name: names.get(nearest)! };
    throw new CellRefused({ ...problemOf('unknown-nearest', text, suggestion.name), suggestion });
  }

  /** The name by which a thing is found again: its id where another one is called the same. */
  uniqueName(register: RegisterName, id: string): string {
    const { byWords, names } = this.loaded.get(register)!;
    const name = names.get(id);
    return name !== undefined && byWords.get(plainWords(name))?.size === 1 && !/[;|]/.test(name) ? name : id;
  }

  private nearest(words: string, byWords: Map<string, Set<string>>): string | undefined {
    if (byWords.size > MOST_COMPARED || words.length < 2) return undefined;
    let best: { id: string; far: number } | undefined;
    for (const [known, ids] of byWords) {
      const far =
        known.includes(words) || words.includes(known)
          ? 0.3
          : distance(words, known) / Math.max(words.length, known.length);
      if (far <= 0.4 && far < (best?.far ?? 1)) best = { id: [...ids][0]!, far };
    }
    return best?.id;
  }
}
