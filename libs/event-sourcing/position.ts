/**
 * A place in the log as the store itself named it. It is made by the store's answers only, is compared with others, and is
 * never counted with: between two positions there may be nothing. "Nothing yet" and "the end" are no positions.
 */
export type Position = bigint & { readonly __position: unique symbol };

/** What a node says for "the end of the log", and for "nothing matched so far": no place at all. */
const NO_PLACE = 2n ** 64n - 1n;

/** The position that an answer of the store bears; undefined for what stands for no place. */
export const storedPosition = (commit: bigint | undefined): Position | undefined =>
  commit === undefined || commit === NO_PLACE ? undefined : (commit as Position);

/** A position that this product kept as text beside what it derived from the log. What a client gives is {@link EventStore.positionGiven}. */
export const keptPosition = (text: string): Position => BigInt(text) as Position;

/** The later of two positions; undefined where both are. */
export const later = (one: Position | undefined, other: Position | undefined): Position | undefined =>
  one === undefined || (other !== undefined && other > one) ? other : one;

/** A position with the event that stands there, by which a log is known again: another log has another event there, or none. */
export interface Place {
  position: Position;
  /** The id of the event. */
  event: string;
}

/**
 * How far a reader has come towards a place, 0 to 1, for people to look at. Positions grow with what was written, so this is an
 * estimate and nothing else may be derived from it.
 */
export const progressTowards = (reached: Position | undefined, goal: Position | undefined): number => {
  if (goal === undefined || (reached !== undefined && reached >= goal)) return 1;
  return reached === undefined ? 0 : Number(reached) / Math.max(1, Number(goal));
};
