import { closest, distance } from 'fastest-levenshtein';

/** The name that was probably meant by one that there is not; undefined where none is like it. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const near = closest(name, names);
  return distance(name, near) <= Math.max(2, name.length / 3) ? near : undefined;
}
