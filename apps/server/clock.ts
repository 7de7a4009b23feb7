import { dayIn } from '#calendar';
import type { Clock } from '#event-sourcing';
import { pastDay } from '#web-api';

/**
 * The machine's clock, or one that runs on from another instant. The day is worked out once a minute: no time zone changes
 * its date within one.
 */
export function systemClock(timeZone: string, startAt = new Date()): Clock {
  const ahead = startAt.getTime() - Date.now();
  const now = () => new Date(Date.now() + ahead);
  let minute = Number.NaN;
  let day = '';
  return {
    now,
    today() {
      const past = pastDay.getStore();
      if (past !== undefined) return past;
      const current = Math.floor(now().getTime() / 60_000);
      if (current !== minute) {
        minute = current;
        day = dayIn(timeZone, now());
      }
      return day;
    },
  };
}
