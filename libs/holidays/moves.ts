import type { Calendars } from '#calendar';

/** A reminder that leaves at another time under other calendars. */
export interface Move {
  subject: { kind: string; id: string };
  rule: string;
  recipient: string;
  from: string;
  to: string;
}

/** Says what would move; whoever keeps times by the calendars provides it. */
export interface MoveFinder {
  find(calendars: Calendars): Promise<Move[]>;
}

export const MOVES = Symbol('MoveFinder');
