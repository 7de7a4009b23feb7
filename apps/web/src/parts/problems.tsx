import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { ApiProblem, mayPass, queryClient } from '../api.js';
import { eventName, language, spoken } from '../language/index.js';

/** Where the server's own words say more than the sentence for the status: what was wrong with what somebody did. */
const TELLING = new Set([400, 409, 413, 422]);

/** A refusal in the user's words: by its code, else by its status. */
function refusalText({ code, status }: { code: string; status?: number | undefined }): string {
  return wordsOfCode(code) ?? language.t([`problem.status.${status}`, 'problem.other']);
}

/** Why something failed, in the user's words. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiProblem)) return language.t('problem.unreachable');
  if (mayPass(error)) return wordsOfCode(error.code) ?? language.t('problem.unreachable');
  const text = refusalText(error);
  const since = [...new Set(error.changedSince.map(({ type }) => eventName(type)))].join(', ');
  return since ? `${text} ${language.t('problem.since', { what: since })}` : text;
}

/** Why something failed. */
export const Problem = ({ error }: { error: unknown }) => (
  <>
    <Text size="sm">{problemText(error)}</Text>
    {error instanceof ApiProblem && <SmallPrint code={error.code} status={error.status} detail={error.message} />}
  </>
);

/** Why something was refused, as it stands on record. */
export const Refused = (refusal: { code: string; status: number; detail: string }) => (
  <>
    <Text size="sm">{refusalText(refusal)}</Text>
    <SmallPrint {...refusal} />
  </>
);

/** What the catalogue cannot say as precisely, as the server said it, which is in English. */
const SmallPrint = ({ code, status, detail }: { code: string; status: number; detail: string }) =>
  TELLING.has(status) &&
  !wordsOfCode(code) && (
    <Text size="xs" c="dimmed">
      <bdi lang="en">{detail}</bdi>
    </Text>
  );

/** Shows what went wrong, and fetches afresh what the user sees when somebody else was faster. */
export function showProblem(error: unknown): void {
  notifications.show({
    color: mayPass(error) ? 'gray' : 'red',
    message: <Problem error={error} />,
    autoClose: 8_000,
  });
  if (error instanceof ApiProblem && (error.status === 412 || error.status === 409))
    void queryClient.invalidateQueries();
}

/** Codes contain dots, which are the catalogue's separators: so they are looked up as they stand. */
const wordsOfCode = (code: string): string | undefined => {
  const words = (language.getResource(spoken, 'translation', 'problem') as Record<string, unknown>)[code];
  return typeof words === 'string' ? words : undefined;
};
