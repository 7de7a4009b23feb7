/** Thrown when something has not answered in its time; it may still come about. Name and code say what a socket's time-out would say. */
export class NoAnswer extends Error {
  override name = 'TimeoutError';
  readonly code = 'ETIMEDOUT';
}

/**
 * Waits for work no longer than so many milliseconds. The work itself is not ended.
 *
 * @throws NoAnswer when it has not come about by then
 */
export async function within<Result>(milliseconds: number, what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = () => new NoAnswer(`${what} has not answered within ${milliseconds / 1_000} s`);
    timer = setTimeout(() => reject(error()), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
