import { Anchor, Badge, Button, Group, Modal, Paper, Select, Stack, Table, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import type { MessageView, ReminderView } from '#reminders';
import { type Page, read } from '../api.js';
import { formatInstant } from '../language/index.js';
import { Fetched } from '../parts/fetched.js';
import { PageTitle } from '../parts/page-title.js';

const STATE_COLOURS: Record<ReminderView['state'], string> = {
  due: 'red',
  scheduled: 'blue',
  sent: 'green',
  cancelled: 'gray',
  failed: 'red',
};
const STATES = ['due', 'scheduled', 'sent', 'cancelled', 'failed'] as const;

export default function RemindersPage() {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const message = parameters.get('message');
  const open = (id: string | null) => setParameters(id ? { message: id } : {}, { replace: true });
  return (
    <>
      <PageTitle title={t('reminders.title')} />
      <Tabs defaultValue="reminders">
        <Tabs.List mb="md">
          <Tabs.Tab value="reminders">{t('reminders.tab')}</Tabs.Tab>
          <Tabs.Tab value="outbox">{t('reminders.outbox')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="reminders">
          <Reminders onRead={open} />
        </Tabs.Panel>
        <Tabs.Panel value="outbox">
          <Outbox onRead={open} />
        </Tabs.Panel>
      </Tabs>
      {message && <Message id={message} onClose={() => open(null)} />}
    </>
  );
}

function Reminders({ onRead }: { onRead: (id: string) => void }) {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const state = parameters.get('state');
  const reminders = useQuery({
    queryKey: ['reminders', 'all', state],
    queryFn: () => read<Page<ReminderView>>('reminders', { state: state ?? undefined, limit: '200' }),
    refetchInterval: 10_000,
  });
  return (
    <Stack>
      <Select
        w={220}
        clearable
        label={t('reminders.state')}
        placeholder={t('common.all')}
        data={STATES.map((value) => ({ value, label: t(`reminders.states.${value}`) }))}
        value={state}
        onChange={(value) => setParameters(value ? { state: value } : {}, { replace: true })}
      />
      <Fetched query={reminders}>
        {(page) => {
          // What was cancelled is history; it is shown when asked for.
          const items = page.items.filter((reminder) => state !== null || reminder.state !== 'cancelled');
          return items.length === 0 ? (
            <Text c="dimmed">{t('reminders.empty')}</Text>
          ) : (
            <Paper withBorder>
              <Table.ScrollContainer minWidth={860}>
                <Table verticalSpacing="sm" horizontalSpacing="md">
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('reminders.agreement')}</Table.Th>
                      <Table.Th>{t('reminders.since')}</Table.Th>
                      <Table.Th>{t('reminders.due')}</Table.Th>
                      <Table.Th>{t('reminders.recipient')}</Table.Th>
                      <Table.Th>{t('reminders.state')}</Table.Th>
                      <Table.Th />
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {items.map((reminder) => (
                      <Table.Tr key={reminder.id} data-reminder-of={reminder.agreement.id} data-state={reminder.state}>
                        <Table.Td maw={360}>
                          <Anchor component={Link} to={`/accords/${reminder.agreement.id}`} size="sm">
                            {reminder.agreement.title}
                          </Anchor>
                        </Table.Td>
                        <Table.Td>{reminder.waitingSince.text}</Table.Td>
                        <Table.Td>{formatInstant(reminder.dueAt)}</Table.Td>
                        <Table.Td>{reminder.recipient.name}</Table.Td>
                        <Table.Td>
                          <Badge color={STATE_COLOURS[reminder.state]} variant="light" tt="none" miw="max-content">
                            {t(`reminders.states.${reminder.state}`)}
                          </Badge>
                          {reminder.state === 'cancelled' && (
                            <Text size="xs" c="dimmed">
                              {t('reminders.cancelledBecause')}
                            </Text>
                          )}
                        </Table.Td>
                        <Table.Td>
                          {reminder.message && (
                            <Button size="compact-sm" variant="subtle" onClick={() => onRead(reminder.message!)}>
                              {t('reminders.read')}
                            </Button>
                          )}
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
    </Stack>
  );
}

function Outbox({ onRead }: { onRead: (id: string) => void }) {
  const { t } = useTranslation();
  const messages = useQuery({
    queryKey: ['messages'],
    queryFn: () => read<Page<MessageView>>('messages', { limit: '200' }),
    refetchInterval: 10_000,
  });
  return (
    <Fetched query={messages}>
      {({ items }) => (
        <Stack gap="sm">
          {items.length === 0 && <Text c="dimmed">{t('reminders.outboxEmpty')}</Text>}
          {items.map((message) => (
            <Paper key={message.id} withBorder p="md">
              <Group justify="space-between">
                <Stack gap={2}>
                  <Anchor
                    component="button"
                    type="button"
                    onClick={() => onRead(message.id)}
                    fw={600}
                    size="sm"
                    ta="start"
                  >
                    {message.subject}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {t('reminders.to', { name: message.recipient.name })} · {formatInstant(message.composedAt)}
                  </Text>
                </Stack>
                <Badge variant="light" color={message.state === 'failed' ? 'red' : 'ink'} tt="none">
                  {t(`reminders.message.${message.state}`)}
                </Badge>
              </Group>
            </Paper>
          ))}
        </Stack>
      )}
    </Fetched>
  );
}

function Message({ id, onClose }: { id: string; onClose: () => void }) {
  const message = useQuery({ queryKey: ['message', id], queryFn: () => read<MessageView>(`messages/${id}`) });
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onClose} size="lg" title={message.data?.subject ?? t('reminders.outbox')}>
      <Fetched query={message}>
        {(data) => (
          <Stack>
            <Text size="sm" c="dimmed">
              {t('reminders.to', { name: data.recipient.name })} · {formatInstant(data.composedAt)}
            </Text>
            <Text size="sm" className="message" component="pre" m={0}>
              {data.text}
            </Text>
          </Stack>
        )}
      </Fetched>
    </Modal>
  );
}
