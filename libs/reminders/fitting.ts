/** So many bytes of matters at most go into a message: an event store takes a megabyte at once. */
const MOST_BYTES = 800_000;

/** Matters in parts, in their order, of which each fits into a message: one matter at least is in each. */
export function inFittingParts<Matter>(matters: readonly Matter[]): Matter[][] {
  const parts: Matter[][] = [];
  let room = 0;
  for (const matter of matters) {
    const bytes = Buffer.byteLength(JSON.stringify(matter)) + 1;
    if (bytes > room) {
      parts.push([]);
      room = MOST_BYTES;
    }
    parts.at(-1)!.push(matter);
    room -= bytes;
  }
  return parts;
}
