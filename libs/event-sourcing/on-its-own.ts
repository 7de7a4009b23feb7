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
