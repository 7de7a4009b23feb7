import { notifications } from '@mantine/notifications';
import { ApiProblem, mayPass, queryClient } from '../api.js';
import { eventName, language, spoken } from '../language/index.js';

/** A refusal in the user's words; what the catalogue does not know is said as the server said it. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiProblem)) return language.t('problem.unreachable');
  // Codes contain dots, which are the catalogue's separators: so the codes are looked up as they stand.
  const known = (language.getResource(spoken, 'translation', 'problem') as Record<string, string>)[error.code];
  const since = [...new Set(error.changedSince.map(({ type }) => eventName(type)))].join(', ');
  if (known && since) return `${known} ${language.t('problem.since', { what: since })}`;
  if (known) return known;
  return mayPass(error) ? language.t('problem.unreachable') : language.t('problem.other', { detail: error.message });
}

/** Shows what went wrong, and fetches afresh what the user sees when somebody else was faster. */
export function showProblem(error: unknown): void {
  notifications.show({ color: mayPass(error) ? 'gray' : 'red', message: problemText(error), autoClose: 8_000 });
  if (error instanceof ApiProblem && (error.status === 412 || error.status === 409))
    void queryClient.invalidateQueries();
}
