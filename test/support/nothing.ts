import { readFileSync } from 'node:fs';

type Catalogue = { [key: string]: string | Catalogue };

/** How the catalogue calls sentences that say that there is nothing. */
const NOTHING = /^(empty|none|no[A-Z]\w*|nothing\w*|unchanged|same|\w+Empty)$/;

/** What is called like them and is not drawn from lists, but from one subject's own record, a definition, or what somebody sent. */
const NOT_OF_LISTS = new Set([
  'common.none',
  'agreement.noOwner',
  'agreement.noSlots',
  'agreement.noProjects',
  'agreement.noNext',
  'agreement.trigger.none',
  'lifecycles.noDeadline',
  'legal.noRule',
  'document.none',
  'project.noMilestones',
  'project.noPhases',
  'statements.noFigure',
  'facets.effect.none',
  'facets.consent.none',
  'followUps.none',
  'links.none',
  'board.noWay',
  'compare.same',
  'compare.none',
  'exchange.empty',
  'exchange.fates.unchanged',
  'exchange.noRows',
  'exchange.nothingToDo',
  'consumers.nothing',
]);

/** The sentences by which pages say that lists have nothing, by their keys. */
export function nothingOfLists(language: string): Map<string, string> {
  const found = new Map<string, string>();
  const look = (catalogue: Catalogue, prefix: string): void => {
    for (const [name, value] of Object.entries(catalogue)) {
      const key = prefix + name;
      if (typeof value !== 'string') look(value, `${key}.`);
      else if (NOTHING.test(name) && !NOT_OF_LISTS.has(key)) found.set(key, value);
    }
  };
  look(JSON.parse(readFileSync(`apps/web/src/language/${language}.json`, 'utf8')), '');
  return found;
}
