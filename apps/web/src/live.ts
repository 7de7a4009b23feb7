import { useEffect } from 'react';
import { queryClient, seen } from './api.js';
import { feedIs } from './standing.js';

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
/** A browser gives a feed up that was refused once, as while the event store is away: it is opened anew. */
const OPEN_AGAIN_MS = 5_000;

const listeners = new Set<(happening: Happening) => void>();

/** Follows the server's feed while somebody is signed in: what changes is fetched anew, wherever it is shown. */
export function useLiveUpdates(): void {
  useEffect(() => {
    let source: EventSource;
    let telling: ReturnType<typeof setTimeout> | undefined;
    let opening: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource('/api/v1/feed');
      source.onopen = () => feedIs('open');
      source.onerror = () => {
        feedIs('lost');
        if (source.readyState !== EventSource.CLOSED) return;
        // It may have been refused because nobody is signed in any more.
        void queryClient.invalidateQueries({ queryKey: ['session'] });
        opening = setTimeout(open, OPEN_AGAIN_MS);
      };
      source.onmessage = ({ data }) => {
        const change = JSON.parse(data) as Happening;
        const happening = { ...change, type: nameOf(change.type) };
        seen(happening.position);
        for (const listen of listeners) listen(happening);
        telling ??= setTimeout(() => {
          telling = undefined;
          void queryClient.invalidateQueries();
        }, PAUSE_MS);
      };
    };
    // A browser that lost its network tells so before its connections notice.
    const lose = () => feedIs('lost');
    const find = () => source.readyState === EventSource.OPEN && feedIs('open');
    open();
    window.addEventListener('offline', lose);
    window.addEventListener('online', find);
    return () => {
      window.removeEventListener('offline', lose);
      window.removeEventListener('online', find);
      clearTimeout(telling);
      clearTimeout(opening);
      source.close();
      feedIs('open');
    };
  }, []);
}

/** Calls back whenever something happens, until the component is gone. */
export function useHappenings(listen: (happening: Happening) => void): void {
  useEffect(() => {
    listeners.add(listen);
    return () => void listeners.delete(listen);
  }, [listen]);
}
