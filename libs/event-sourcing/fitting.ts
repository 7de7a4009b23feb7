/** So many bytes go into one append at most: an event store takes a megabyte at once. */
const MOST_BYTES = 800_000;

/**
 * Matters in parts, in their order, of which each fits into one append: one matter at least is in each.
 *
 * @param beside how many bytes come with each matter, as the metadata of an event does
 */
export function inFittingParts<Matter>(matters: readonly Matter[], beside = 1): Matter[][] {
  const parts: Matter[][] = [];
  let room = 0;
  for (const matter of matters) {
    const bytes = Buffer.byteLength(JSON.stringify(matter)) + beside;
    if (bytes > room) {
      parts.push([]);
      room = MOST_BYTES;
    }
    parts.at(-1)!.push(matter);
    room -= bytes;
  }
  return parts;
}
