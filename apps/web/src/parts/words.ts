import { useTranslation } from 'react-i18next';
import type { HistoryEntry } from '#audit';
import { actorOf, sentenceOf, type Words } from '#audit/browser';
import { formatMoney, sayDate, spoken, wordsOf } from '../language/index.js';
import { useLifecycles } from './lifecycles.js';
import { useUsers } from './users.js';

/** What the history calls things: ids with the names that the page knows. */
export type Names = Record<string, string>;

/** Who did something: a person, or a part of the system by what it does. */
export function useActors(): (actor: HistoryEntry['actor']) => string {
  const words = useWords();
  return (actor) => actorOf(actor, words());
}

/** What the lifecycles call their stages and visas. */
const useLifecycleNames = (): Names => {
  const lifecycles = useLifecycles();
  return Object.fromEntries(
    (lifecycles.data?.items ?? [])
      .flatMap(({ definition }) => [...definition.stages, ...(definition.visas ?? [])])
      .map(({ id, labels }) => [id, wordsOf(labels)]),
  );
};

/** With what events are put into words; `names` are what the page knows of what their ids stand for. */
export function useWords(): (names?: Names) => Words {
  const { t } = useTranslation();
  const ofLifecycles = useLifecycleNames();
  const users = useUsers();
  const ofUsers = Object.fromEntries((users.data?.items ?? []).map(({ id, name }) => [id, name]));
  return (names = {}) => ({
    language: spoken,
    say: (key, values) => t(key, { ...values }),
    named: (id) => names[id] ?? ofLifecycles[id] ?? ofUsers[id] ?? id,
    money: formatMoney,
    date: (edtf) => sayDate({ edtf }),
  });
}

/** Says an event as a sentence, made from what it says when it is read. */
export function useSentences(): (entry: Pick<HistoryEntry, 'type' | 'data'>, names?: Names) => string {
  const words = useWords();
  return (entry, names) => sentenceOf(entry, words(names));
}
