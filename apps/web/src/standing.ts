import { useSyncExternalStore } from 'react';

/** Lists that are behind the log: how far they have come, 0 to 1, and of when they are, ISO 8601. */
export interface CatchingUp {
  progress: number;
  asOf?: string;
}

/** How the service stands, as far as a page knows. */
interface Standing {
  /** Since when it cannot be reached. */
  lostSince?: Date;
  catchingUp?: CatchingUp;
  /** What is shown may have been read from lists that were not complete: what is absent from it may be there. */
  isInDoubt?: true;
}

/** What answers at once and costs the service next to nothing. */
const ASKED = '/api/v1/session';
const ASK_EVERY_MS = 3_000;
/** Lists that are behind for less than this are not worth a word. */
const WORTH_A_WORD_MS = 1_000;
const AWAY = new Set([502, 503, 504]);

let standing: Standing = {};
let isFeedLost = false;
let isAway = false;
let catchingUp: CatchingUp | undefined;
let isInDoubt = false;
/** How many answers have come from lists that were not complete. */
let incomplete = 0;
let asking: ReturnType<typeof setTimeout> | undefined;
const watchers = new Set<() => void>();
const hopeful = new Set<() => Promise<unknown>>();

/** Fetches, and takes note of what the answer tells of the service. */
export const watchedFetch: typeof fetch = async (address, init) => {
  if (init?.method !== undefined && init.method !== 'GET') return fetch(address, init);
  try {
    const response = await fetch(standing.catchingUp ? withoutWaiting(address) : address, init);
    if (AWAY.has(response.status)) askIn(0);
    hear(response);
    return response;
  } catch (error) {
    if (!init?.signal?.aborted) askIn(0);
    throw error;
  }
};

/** Takes note of whether the server's feed is there. */
export function feedIs(state: 'open' | 'lost'): void {
  isFeedLost = state === 'lost';
  settle();
  if (isFeedLost || isAway) void ask();
}

/** Calls back when the service is there again, or its lists are complete: what is shown is to be fetched anew. */
export const whenItStandsAgain = (callBack: () => Promise<unknown>): void => void hopeful.add(callBack);

/** Resolves when the service can be reached; at once when it can. Says whether one had to wait. */
export async function reached(): Promise<'waited' | 'at once'> {
  await ask();
  if (!isAway) return 'at once';
  return new Promise((resolve) => {
    const notice = () => {
      if (isAway) return;
      watchers.delete(notice);
      resolve('waited');
    };
    watchers.add(notice);
  });
}

/** How the service stands, for as long as a page shows it. */
export const useStanding = (): Standing =>
  useSyncExternalStore(
    (notify) => {
      watchers.add(notify);
      return () => watchers.delete(notify);
    },
    () => standing,
  );

/** A read would wait for lists that will not be there in time: those that there are say of when they are. */
function withoutWaiting(address: Parameters<typeof fetch>[0]): Parameters<typeof fetch>[0] {
  const url = new URL(String(address), window.location.href);
  url.searchParams.delete('after');
  return url.href;
}

function hear(response: Response): void {
  const told = catchingUpIn(response.headers.get('paraphe-catching-up'));
  if (told) incomplete++;
  // One answer may have come at a bad moment. What the service says a moment later counts.
  if (told && !catchingUp) {
    isInDoubt = true;
    settle();
    askIn(WORTH_A_WORD_MS);
  } else if (told || (catchingUp && response.ok)) {
    catchingUp = told;
    settle();
  }
}

/** The members of a header such as `progress=0.412, as-of="2026-11-25T09:00:00Z"`. */
function catchingUpIn(header: string | null): CatchingUp | undefined {
  if (header === null) return undefined;
  const progress = Number(/progress=([\d.]+)/.exec(header)?.[1] ?? 0);
  const asOf = /as-of="([^"]+)"/.exec(header)?.[1];
  return { progress: Math.min(1, progress), ...(asOf !== undefined && { asOf }) };
}

/** Asks the service how it is: now and then, and only as long as something is the matter. */
async function ask(): Promise<void> {
  const response = await fetch(ASKED).catch(() => undefined);
  isAway = response === undefined || AWAY.has(response.status);
  const wasSaid = standing.catchingUp !== undefined;
  if (response && !isAway) {
    catchingUp = catchingUpIn(response.headers.get('paraphe-catching-up'));
    isInDoubt ||= catchingUp !== undefined;
  }
  settle();
  // It was over before it was worth a word: what was read meanwhile may lack something all the same.
  if (isInDoubt && !wasSaid && !catchingUp && !isAway) void fetchAnew(true);
  if (isAway || catchingUp) askIn(ASK_EVERY_MS);
}

function askIn(milliseconds: number): void {
  if (asking !== undefined) return;
  asking = setTimeout(() => {
    asking = undefined;
    void ask();
  }, milliseconds);
}

function settle(): void {
  const before = standing;
  const isLost = isFeedLost || isAway;
  standing = {
    ...(isLost && { lostSince: before.lostSince ?? new Date() }),
    ...(catchingUp && { catchingUp }),
    ...(isInDoubt && { isInDoubt }),
  };
  for (const notify of watchers) notify();
  const isComplete = before.catchingUp !== undefined && !catchingUp;
  if (isComplete || (before.lostSince && !standing.lostSince)) void fetchAnew(isComplete);
}

/** Has everything fetched anew. Once lists are complete and have been read again, what is absent from them is known. */
async function fetchAnew(isComplete: boolean): Promise<void> {
  const before = incomplete;
  await Promise.allSettled([...hopeful].map((callBack) => callBack()));
  // The cache of queries tells the pages what came a moment after it came: they are not to say before that there is nothing.
  await new Promise((resolve) => setTimeout(resolve));
  if (!isComplete || catchingUp || incomplete !== before) return;
  isInDoubt = false;
  settle();
}
