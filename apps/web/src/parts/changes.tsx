import { Text } from '@mantine/core';
import type { HistoryEntry } from '#audit';
import { sayField, sayValue } from '#audit/browser';
import { type Names, useWords } from './words.js';

/** What an event changed: before and after. */
export function Changes({ entry, names }: { entry: HistoryEntry; names: Names }) {
  const words = useWords()(names);
  return entry.changes
    .filter(({ field }) => field !== 'stage')
    .map(({ field, part = '', before, after }) => (
      <Text key={`${part}.${field}`} size="sm">
        {sayField(field, words)} : <del>{sayValue(field, before, words)}</del> <b>{sayValue(field, after, words)}</b>
      </Text>
    ));
}
