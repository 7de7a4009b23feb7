const PLACES = { agreement: 'accords', project: 'projets', meeting: 'rencontres' };

/** The page on which something can be done about a subject; meetings share one. */
export const linkTo = (baseUrl: string, { kind, id }: { kind: keyof typeof PLACES; id: string }): string =>
  kind === 'meeting' ? `${baseUrl}/rencontres` : `${baseUrl}/${PLACES[kind]}/${encodeURIComponent(id)}`;
