/** A value as JSON; numbers too large for JavaScript's own, as those of positions, are texts in it. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one));
