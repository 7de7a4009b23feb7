import type { SubjectRef } from './reminder.js';

/** The page on which something can be done about a subject; meetings share one, and so do the parts of the house. */
export function linkTo(baseUrl: string, { kind, id }: SubjectRef): string {
  switch (kind) {
    case 'agreement':
      return `${baseUrl}/accords/${encodeURIComponent(id)}`;
    case 'project':
      return `${baseUrl}/projets/${encodeURIComponent(id)}`;
    case 'meeting':
      return `${baseUrl}/rencontres`;
    case 'consumer':
      return `${baseUrl}/consumers`;
    default:
      return kind satisfies never;
  }
}
