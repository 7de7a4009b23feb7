import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { queryClient } from '../api.js';
import { showProblem } from './problems.js';

/** Gives commands: says when one is done, fetches anew what it may have changed, and shows why when it is refused. */
export function useCommand(done: string, onDone: () => void = () => {}) {
  return useMutation({
    mutationFn: (give: () => Promise<unknown>) => give(),
    onSuccess: async () => {
      await queryClient.invalidateQueries();
      notifications.show({ color: 'green', message: done });
      onDone();
    },
    onError: showProblem,
  });
}
