import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { z } from 'zod';
import { dateRange, UNKNOWN } from '#calendar';
import type { Recorded } from '#event-sourcing';
import { day } from '#values';
import { readOptions } from './paging.js';
import { InvalidRequest } from './problem.js';
import type { Request } from './request.js';

/** What a read understands that can go back in time, by either clock or by both. */
export const pastOptions = {
  asOf: z
    .string()
    .max(40)
    .optional()
    .meta({ description: 'As the system knew it at the end of that day, or at that instant' }),
  effectiveAt: day.optional().meta({ description: 'As it was the case at the end of that day, by what is known' }),
};

/** What a read of one subject understands that can go back in time. */
export const momentOptions = z.strictObject({ ...readOptions, ...pastOptions });

/** A moment on two clocks: what was known then, and what was the case then. What is left out is now. */
export interface Moment {
  asOf?: string | undefined;
  effectiveAt?: string | undefined;
}

const EARLIEST_YEAR = 1000;
const LATEST_YEAR = 2999;

/**
 * The last instant of a day, or the instant itself, as ISO 8601 in UTC.
 *
 * @throws InvalidRequest when it is neither
 */
export function endOfMoment(moment: string): string {
  const instant = new Date(/^\d{4}-\d{2}-\d{2}$/.test(moment) ? `${moment}T23:59:59.999Z` : moment);
  const year = instant.getUTCFullYear();
  if (!(year >= EARLIEST_YEAR && year <= LATEST_YEAR)) {
    throw new InvalidRequest([
      {
        field: 'asOf',
        rule: 'format',
        message: `a day or an instant in ISO 8601 between the years ${EARLIEST_YEAR} and ${LATEST_YEAR}, like 2018-03-15 or 2018-03-15T12:00:00Z`,
      },
    ]);
  }
  return instant.toISOString();
}

/** When an event counts: on a day (EDTF), whenever its subject exists, or never, as it was taken back. */
export type Counts = { on: string } | 'always' | 'never';

/**
 * Those of a subject's events that were the case at a moment. A vague day counts once its last day has come: precision is never
 * invented. Whatever counts of a subject, its first event counts too: what did something was there.
 *
 * @param events of one subject in their order
 * @param countsOf says when an event counts, by what is known of it; on its effective day when left out
 */
export function eventsAt<Event extends Recorded>(
  events: Event[],
  { asOf, effectiveAt }: Moment,
  countsOf: (events: Event[]) => (event: Event) => Counts = () => (event) => ({ on: event.effectiveOn }),
): Event[] {
  const until = asOf === undefined ? undefined : endOfMoment(asOf);
  const known = until === undefined ? events : events.filter(({ metadata }) => metadata.recordedAt <= until);
  if (effectiveAt === undefined) return known;
  const counts = countsOf(known);
  const happened = (event: Event) => {
    const when = counts(event);
    if (typeof when !== 'object') return false;
    const { earliest = '', latest = earliest } = dateRange(when.on);
    return latest <= effectiveAt;
  };
  if (!known.some(happened)) return [];
  return known.filter((event, index) => index === 0 || counts(event) === 'always' || happened(event));
}

/**
 * As {@link eventsAt}, for what is kept as a reference and has no beginning of its own that matters: an organisation was there before it
 * was registered. What is said of it later counts from its day.
 */
export const referenceEventsAt = <Event extends Recorded>(events: Event[], moment: Moment): Event[] =>
  eventsAt(events, moment, () => ({ revision, effectiveOn }) => ({ on: revision === 0 ? UNKNOWN : effectiveOn }));

/** The day that it is taken to be while a moment of the past is looked at. */
export const pastDay = new AsyncLocalStorage<string>();

/** Lets reads see the read models of a moment. */
export interface Past {
  at<Result>(moment: Moment, work: () => Promise<Result>): Promise<Result>;
}
/** Injection token of the {@link Past}. */
export const PAST = Symbol('Past');

@Injectable()
class PastInterceptor implements NestInterceptor {
  constructor(@Inject(PAST) private readonly past: Past) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { asOf, effectiveAt } = (context.switchToHttp().getRequest<Request>().query ?? {}) as Moment;
    if (asOf === undefined && effectiveAt === undefined) return next.handle();
    return from(this.past.at({ asOf, effectiveAt }, () => lastValueFrom(next.handle())));
  }
}

/** A read of lists that understands {@link pastOptions}: it sees the read models of that moment. */
export const AtAnyMoment = () => UseInterceptors(PastInterceptor);
