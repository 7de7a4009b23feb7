import { useState } from 'react';

/** What a person is writing, kept in the browser until it is sent: neither a lost network nor a closed page loses it. */
export function useDraft<Value>(name: string, empty: Value): [Value, (value: Value) => void, () => void] {
  const key = `paraphe.draft.${name}`;
  const [value, setValue] = useState<Value>(() => {
    try {
      return { ...empty, ...JSON.parse(localStorage.getItem(key) ?? '{}') };
    } catch {
      return empty;
    }
  });
  const keep = (next: Value) => {
    localStorage.setItem(key, JSON.stringify(next));
    setValue(next);
  };
  return [value, keep, () => localStorage.removeItem(key)];
}
