const PLACES: Record<string, (id: string) => string> = {
  agreement: (id) => `/accords/${encodeURIComponent(id)}`,
  project: (id) => `/projets/${encodeURIComponent(id)}`,
  organisation: (id) => `/organisations/${encodeURIComponent(id)}`,
  programme: (id) => `/programmes?programme=${encodeURIComponent(id)}`,
  meeting: (id) => `/rencontres?rencontre=${encodeURIComponent(id)}`,
  statement: () => '/declarations',
  reminder: () => '/rappels',
  consumer: () => '/consumers',
};

/** Where something is shown; a reminder, where that of which it reminds is. */
export function pageOf({ kind, id }: { kind: string; id: string }): string {
  if (kind === 'reminder') {
    const [of, ...rest] = id.split('.');
    if (rest.length > 0) return pageOf({ kind: of!, id: rest.join('.') });
  }
  return PLACES[kind]?.(id) ?? '/';
}

/** Whether something has a page of its own, or one on which it stands. */
export const hasPage = (kind: string): boolean => kind in PLACES;
