import { useSearchParams } from 'react-router';

/** What a page shows is in its address, so that it can be kept, sent and gone back to. */
export function useAddress() {
  const [parameters, setParameters] = useSearchParams();
  return {
    get: (name: string): string => parameters.get(name) ?? '',
    list: (name: string): string[] => parameters.get(name)?.split(',').filter(Boolean) ?? [],
    set: (changes: Record<string, string | string[] | undefined>) => {
      // The address as it is now: one change may follow another before the page is drawn again.
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        const text = Array.isArray(value) ? value.join(',') : value;
        if (text) next.set(name, text);
        else next.delete(name);
      }
      setParameters(next, { replace: true });
    },
    text: parameters.toString(),
    replace: (text: string) => setParameters(new URLSearchParams(text)),
  };
}
