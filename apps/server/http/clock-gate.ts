import { ClockUnconfirmed, type ClockWatch } from '#operations';
import type { Reply, Request } from '#web-api';
import { CLOCK_CONFIRMATION } from './clock.controller.js';
import { sendProblem } from './problem.filter.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Answers commands with 503 while the clock waits for a confirmation. */
export function clockGate(watch: ClockWatch) {
  return async ({ method, url }: Request, reply: Reply): Promise<unknown> => {
    if (READING.has(method) || url.split('?')[0] === CLOCK_CONFIRMATION) return undefined;
    try {
      await watch.assertConfirmed();
      return undefined;
    } catch (error) {
      if (!(error instanceof ClockUnconfirmed)) throw error;
      return sendProblem(reply, error);
    }
  };
}
