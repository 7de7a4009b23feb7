import { Logger } from '@nestjs/common';

const MINUTE_MS = 60_000;

/**
 * Says the same thing once a minute at the most, however often it happens.
 *
 * @returns says an error's message, or a text; of what is about the same thing the first alone, whatever else it says
 */
export function onceAMinute(say: (message: string) => void): (what: unknown, about?: string) => void {
  const said = new Map<string, number>();
  return (what, about) => {
    const message = what instanceof Error ? what.message : String(what);
    const now = performance.now();
    for (const [thing, at] of said) if (now - at >= MINUTE_MS) said.delete(thing);
    if (said.has(about ?? message)) return;
    said.set(about ?? message, now);
    say(message);
  };
}

/** {@link onceAMinute}, as a warning in the log: from which part of the house, and what came of it. */
export function warningOnceAMinute(part: string, what: string): ReturnType<typeof onceAMinute> {
  const log = new Logger(part);
  return onceAMinute((message) => log.warn(`${what}: ${message}`));
}
