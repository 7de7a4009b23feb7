import { useSearchParams } from 'react-router';

/** What a page shows is in its address, so that it can be kept, sent and gone back to. */
export function useAddress() {
  const [parameters, setParameters] = useSearchParams();
  return {
    get: (name: string): string => parameters.get(name) ?? '',
    list: (name: string): string[] => parameters.get(name)?.split(',').filter(Boolean) ?? [],
    set: (changes: Record<string, string | string[] | undefined>) =>
      setParameters(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            const text = Array.isArray(value) ? value.join(',') : value;
            if (text) next.set(name, text);
            else next.delete(name);
          }
          return next;
        },
        { replace: true },
      ),
    text: parameters.toString(),
    replace: (text: string) => setParameters(new URLSearchParams(text)),
  };
}
