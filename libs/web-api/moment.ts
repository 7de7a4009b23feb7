import { z } from 'zod';
import { readOptions } from './paging.js';
import { InvalidRequest } from './problem.js';

/** What a read of one subject understands that can go back in time. */
export const momentOptions = z.strictObject({
  ...readOptions,
  asOf: z
    .string()
    .max(40)
    .optional()
    .meta({ description: 'As the system knew it at the end of that day, or at that instant' }),
});

/**
 * The last instant of a day, or the instant itself, as ISO 8601 in UTC.
 *
 * @throws InvalidRequest when it is neither
 */
export function endOfMoment(moment: string): string {
  const instant = new Date(/^\d{4}-\d{2}-\d{2}$/.test(moment) ? `${moment}T23:59:59.999Z` : moment);
  if (Number.isNaN(instant.getTime())) {
    throw new InvalidRequest([
      {
        field: 'asOf',
        rule: 'format',
        message: 'a day or an instant in ISO 8601, like 2018-03-15 or 2018-03-15T12:00:00Z',
      },
    ]);
  }
  return instant.toISOString();
}
