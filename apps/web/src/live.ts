import { useEffect, useSyncExternalStore } from 'react';
import { queryClient, seen } from './api.js';

/** Something that happened, as the server tells it while a page is open: a CloudEvent, as far as pages look at it. */
export interface Happening {
  position: string;
  /** As `agreement/sn-migration`. */
  subject: string;
  /** The event's name, as the pages' catalogues have it. */
  type: string;
  actor: string;
}

/** `AgreementSigned` of `paraphe.agreement.agreement-signed.v1`. */
const nameOf = (type: string): string =>
  (type.split('.')[2] ?? '').replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** What comes together is shown together. */
const PAUSE_MS = 200;

type Connection = 'live' | 'lost';
let connection: Connection = 'live';
let lostAt: Date | undefined;
const watchers = new Set<() => void>();
const listeners = new Set<(happening: Happening) => void>();

function become(next: Connection): void {
  if (next === connection) return;
  connection = next;
  lostAt = next === 'lost' ? new Date() : undefined;
  for (const notify of watchers) notify();
}

/** Follows the server's feed while somebody is signed in: what changes is fetched anew, wherever it is shown. */
export function useLiveUpdates(): void {
  useEffect(() => {
    const source = new EventSource('/api/v1/feed');
    let timer: ReturnType<typeof setTimeout> | undefined;
    source.onopen = () => {
      if (connection === 'lost') void queryClient.invalidateQueries();
      become('live');
    };
    source.onerror = () => become('lost');
    source.onmessage = ({ data }) => {
      const change = JSON.parse(data) as Happening;
      const happening = { ...change, type: nameOf(change.type) };
      seen(happening.position);
      for (const listen of listeners) listen(happening);
      timer ??= setTimeout(() => {
        timer = undefined;
        void queryClient.invalidateQueries();
      }, PAUSE_MS);
    };
    // A browser that lost its network tells so before its connections notice.
    const lose = () => become('lost');
    const find = () => {
      if (source.readyState === EventSource.OPEN) {
        void queryClient.invalidateQueries();
        become('live');
      }
    };
    window.addEventListener('offline', lose);
    window.addEventListener('online', find);
    return () => {
      window.removeEventListener('offline', lose);
      window.removeEventListener('online', find);
      clearTimeout(timer);
      source.close();
    };
  }, []);
}

/** Since when the server cannot be reached; undefined while it can. */
export const useLostSince = (): Date | undefined =>
  useSyncExternalStore(
    (notify) => {
      watchers.add(notify);
      return () => watchers.delete(notify);
    },
    () => lostAt,
  );

/** Calls back whenever something happens, until the component is gone. */
export function useHappenings(listen: (happening: Happening) => void): void {
  useEffect(() => {
    listeners.add(listen);
    return () => void listeners.delete(listen);
  }, [listen]);
}
