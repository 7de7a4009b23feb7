import { Badge, Button, Group, Paper, Select, Stack, Table, Text, VisuallyHidden } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReminderView } from '#reminders';
import { command, queryClient, read } from '../../api.js';
import { formatInstant } from '../../language/index.js';
import { Fetched } from '../fetched.js';
import { None } from '../none.js';
import { showProblem } from '../problems.js';
import { AboutReminder, Recipient } from './about.js';
import { SnoozeDialog } from './snooze.js';

const STATE_COLOURS: Record<ReminderView['state'], string> = {
  due: 'red',
  scheduled: 'blue',
  sent: 'green',
  cancelled: 'gray',
  failed: 'red',
  uncertain: 'yellow',
};
const STATES = Object.keys(STATE_COLOURS) as ReminderView['state'][];

/** Reminders by state, each with its reason, its message, and what can be done about it. */
export function ReminderTable({
  state,
  onState,
  onRead,
}: {
  state: string | null;
  onState: (state: string | null) => void;
  onRead: (message: string) => void;
}) {
  const { t } = useTranslation();
  const [snoozing, setSnoozing] = useState<ReminderView>();
  const reminders = useQuery({
    queryKey: ['reminders', 'all', state],
    queryFn: () => read('reminders', { state: state ?? undefined, limit: '200' }),
  });
  const retry = useMutation({
    mutationFn: (id: string) => command('reminders/{id}/retry', { id }, {}),
    onSuccess: () => queryClient.invalidateQueries(),
    onError: showProblem,
  });
  return (
    <Stack>
      <Select
        w={220}
        clearable
        label={t('reminders.state')}
        placeholder={t('reminders.allStates')}
        data={STATES.map((value) => ({ value, label: t(`reminders.states.${value}`) }))}
        value={state}
        onChange={onState}
      />
      <Fetched query={reminders}>
        {(page) => {
          // What was cancelled is history; it is shown when asked for.
          const items = page.items.filter((reminder) => state !== null || reminder.state !== 'cancelled');
          if (items.length === 0) return <None>{t('reminders.empty')}</None>;
          return (
            <Paper withBorder>
              <Table.ScrollContainer minWidth={860}>
                <Table verticalSpacing="sm" horizontalSpacing="md">
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('reminders.about')}</Table.Th>
                      <Table.Th>{t('reminders.due')}</Table.Th>
                      <Table.Th>{t('reminders.recipient')}</Table.Th>
                      <Table.Th>{t('reminders.state')}</Table.Th>
                      <Table.Th>
                        <VisuallyHidden>{t('common.actions')}</VisuallyHidden>
                      </Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {items.map((reminder) => (
                      <Table.Tr
                        key={reminder.id}
                        data-reminder-of={reminder.subject.id}
                        data-recipient={reminder.recipient.id}
                        data-state={reminder.state}
                      >
                        <Table.Td w="46%">
                          <AboutReminder reminder={reminder} />
                        </Table.Td>
                        <Table.Td>{formatInstant(reminder.dueAt)}</Table.Td>
                        <Table.Td>
                          <Recipient recipient={reminder.recipient} />
                        </Table.Td>
                        <Table.Td>
                          <Badge color={STATE_COLOURS[reminder.state]} variant="light" tt="none" miw="max-content">
                            {t(`reminders.states.${reminder.state}`)}
                          </Badge>
                          {reminder.reason && (
                            <Text size="xs" c="dimmed">
                              {t(`event.${reminder.reason}`, { nsSeparator: '\u0000', defaultValue: reminder.reason })}
                            </Text>
                          )}
                        </Table.Td>
                        <Table.Td>
                          <Group gap={4} wrap="nowrap">
                            {reminder.message && (
                              <Button size="compact-sm" variant="subtle" onClick={() => onRead(reminder.message!)}>
                                {t('reminders.read')}
                              </Button>
                            )}
                            {(reminder.state === 'scheduled' || reminder.state === 'sent') && (
                              <Button
                                size="compact-sm"
                                variant="subtle"
                                color="gray"
                                onClick={() => setSnoozing(reminder)}
                              >
                                {t('reminders.snooze')}
                              </Button>
                            )}
                            {reminder.state === 'failed' && !reminder.message && (
                              <Button size="compact-sm" variant="light" onClick={() => retry.mutate(reminder.id)}>
                                {t('reminders.retry')}
                              </Button>
                            )}
                          </Group>
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
            </Paper>
          );
        }}
      </Fetched>
      {snoozing && <SnoozeDialog reminder={snoozing.id} onClose={() => setSnoozing(undefined)} />}
    </Stack>
  );
}
