import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { command, queryClient } from '../api.js';
import { showProblem } from './problems.js';

/** A command upon the agreement that says when it is done, and shows why when it is not. */
export function useAgreementCommand(agreement: { id: string }, done: string, onDone: () => void = () => {}) {
  return useMutation({
    /** `revision`: refuse when the agreement is no longer at it. */
    mutationFn: ({ path, body, revision }: { path: string; body: object; revision?: number }) =>
      command(`agreements/${agreement.id}/${path}`, body, revision),
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      notifications.show({ color: 'green', message: done });
      onDone();
    },
    onError: showProblem,
  });
}
