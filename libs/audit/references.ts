/** Which fields of events name something, and of which kind it is. */
const REFERENCES: Record<string, string> = {
  organisation: 'organisation',
  party: 'organisation',
  project: 'project',
  agreement: 'agreement',
  programme: 'programme',
  person: 'person',
  signatory: 'person',
  contact: 'person',
  owner: 'person',
  user: 'person',
};

/** What an event's data refer to, as the names of streams, each with the field that does. */
export function* referencesIn(data: unknown, at = ''): Generator<[stream: string, field: string]> {
  if (typeof data !== 'object' || data === null) return;
  for (const [key, value] of Object.entries(data)) {
    const field = at ? `${at}.${key}` : key;
    const category = REFERENCES[key];
    if (category && typeof value === 'string') yield [`${category}-${value}`, field];
    else yield* referencesIn(value, field);
  }
}

/** Every text that stands in an event's data, to be found by. */
export function* textsIn(data: unknown): Generator<string> {
  if (typeof data === 'string') yield data;
  else if (typeof data === 'object' && data !== null) for (const value of Object.values(data)) yield* textsIn(value);
}
