import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { queryClient } from '../api.js';
import { language } from '../language/index.js';
import { showProblem } from './problems.js';

/** Says that something is done; where an opposite command exists, offers to take it back. */
export function showDone(message: string, takeBack?: () => Promise<unknown>): void {
  if (!takeBack) {
    notifications.show({ color: 'green', message });
    return;
  }
  const undo = async (id: string) => {
    notifications.hide(id);
    try {
      await takeBack();
      await queryClient.invalidateQueries();
    } catch (error) {
      showProblem(error);
    }
  };
  const id = crypto.randomUUID();
  notifications.show({
    id,
    color: 'green',
    autoClose: 12_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button size="compact-xs" variant="default" onClick={() => void undo(id)}>
          {language.t('common.undo')}
        </Button>
      </Group>
    ),
  });
}
