/** Whether everything is to be run, as `npm run test:long` does. `npm test` runs a sample of what takes long. */
export const IS_LONG = process.env.PARAPHE_LONG !== undefined;

/** Which sample: another seed takes others. */
const SEED = Number(process.env.PARAPHE_SEED || 1);

/** Every one of them, or of so many one, those that the seed chooses. */
export const sampleOf = <Item>(items: readonly Item[], ofSoMany: number, shift = 0): Item[] =>
  items.filter((_, index) => IS_LONG || (index + shift + SEED) % ofSoMany === 0);

/** `it` for what takes long: of so many such in a row, `npm test` runs those that the seed chooses. So with the steps of a story. */
export function oneIn<Test extends unknown[] = Parameters<typeof it>>(
  ofSoMany: number,
  shift = 0,
  take: (...test: Test) => unknown = it as never,
): (...test: Test) => void {
  let index = shift;
  return (...test) => {
    if (sampleOf([test], ofSoMany, index++).length > 0) take(...test);
  };
}

/** How often a property that takes long is tried; `npm test` tries a quarter. */
export const runsOf = (all: number): number => (IS_LONG ? all : Math.ceil(all / 4));
