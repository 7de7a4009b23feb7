import { eachOf } from './each-of.js';
import { isOfTheMoment } from './of-the-moment.js';

/**
 * Does one piece of work among many. What cannot be done, and will not pass by itself, is handed to `passOver` and keeps nothing else
 * from being done; what may pass, as a store that is away, is thrown.
 */
export async function onItsOwn(work: () => Promise<unknown>, passOver: (error: unknown) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isOfTheMoment(error)) throw error;
    passOver(error);
  }
}

/** Works through the items, so many at a time, each {@link onItsOwn on its own}. */
export const eachOnItsOwn = <Item>(
  items: Item[],
  atATime: number,
  work: (item: Item) => Promise<void>,
  passOver: (error: unknown, item: Item) => void,
): Promise<void> =>
  eachOf(items, atATime, (item) =>
    onItsOwn(
      () => work(item),
      (error) => passOver(error, item),
    ),
  );
