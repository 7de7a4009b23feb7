import { Anchor, Badge, Button, Group, Modal, Paper, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { command, queryClient, read } from '../../api.js';
import { formatInstant } from '../../language/index.js';
import { Fetched } from '../fetched.js';
import { None } from '../none.js';
import { showProblem } from '../problems.js';

const COLOURS: Record<string, string> = {
  pending: 'gray',
  claimed: 'gray',
  delivered: 'ink',
  failed: 'red',
  uncertain: 'yellow',
};

/** The messages that went out; what failed for good or may not have arrived can be sent again. */
export function Outbox({ isAdministrator, onRead }: { isAdministrator: boolean; onRead: (id: string) => void }) {
  const { t } = useTranslation();
  const messages = useQuery({
    queryKey: ['messages'],
    queryFn: () => read('messages', { limit: '200' }),
  });
  const retry = useMutation({
    mutationFn: ({ id, channel }: { id: string; channel: 'email' | 'webhook' }) =>
      command('messages/{id}/retry', { id }, { channel }),
    onSuccess: () => queryClient.invalidateQueries(),
    onError: showProblem,
  });
  return (
    <Stack gap="sm">
      {isAdministrator && (
        <Group>
          <Anchor href="/api/queues" size="sm" target="_blank">
            {t('reminders.queues')}
          </Anchor>
        </Group>
      )}
      <Fetched query={messages}>
        {({ items }) => (
          <Stack gap="sm">
            {items.length === 0 && <None>{t('reminders.outboxEmpty')}</None>}
            {items.map((message) => (
              <Paper key={message.id} withBorder p="md" data-message={message.id}>
                <Group justify="space-between">
                  <Stack gap={2}>
                    <Anchor
                      component="button"
                      type="button"
                      onClick={() => onRead(message.id)}
                      fw={message.isRead ? 400 : 650}
                      size="sm"
                      ta="start"
                    >
                      {message.subject}
                    </Anchor>
                    <Text size="xs" c="dimmed">
                      {t('reminders.to', { name: message.recipient.name })} · {formatInstant(message.composedAt)}
                    </Text>
                    {message.error && (
                      <Text size="xs" c="var(--mantine-color-error)">
                        {message.error}
                      </Text>
                    )}
                  </Stack>
                  <Group gap="xs">
                    {(['email', 'webhook'] as const)
                      .filter((channel) => message[channel] !== 'none')
                      .map((channel) => (
                        <Badge key={channel} variant="light" color={COLOURS[message[channel]] ?? 'gray'} tt="none">
                          {t(`reminders.channels.${channel}`)} : {t(`reminders.delivery.${message[channel]}`)}
                        </Badge>
                      ))}
                    {message.email === 'none' && message.webhook === 'none' && (
                      <Badge variant="light" color="ink" tt="none">
                        {t('reminders.inApp')}
                      </Badge>
                    )}
                    {isAdministrator &&
                      (['email', 'webhook'] as const)
                        .filter((channel) => ['failed', 'uncertain'].includes(message[channel]))
                        .map((channel) => (
                          <Button
                            key={channel}
                            size="compact-sm"
                            variant="light"
                            onClick={() => retry.mutate({ id: message.id, channel })}
                          >
                            {t('reminders.sendAgain')}
                          </Button>
                        ))}
                  </Group>
                </Group>
              </Paper>
            ))}
          </Stack>
        )}
      </Fetched>
    </Stack>
  );
}

/** One message as it went out; having been opened by its recipient, it is read. */
export function Message({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const me = useQuery({ queryKey: ['session'], queryFn: () => read('session'), staleTime: 60_000 });
  const message = useQuery({ queryKey: ['message', id], queryFn: () => read('messages/{id}', { id }) });
  const isOwn = message.data !== undefined && message.data.recipient.id === me.data?.id;
  const isUnread = isOwn && message.data?.isRead === false;
  useEffect(() => {
    if (!isUnread) return;
    void command('messages/{id}/read', { id }, {}).then(() =>
      queryClient.invalidateQueries({ queryKey: ['messages'] }),
    );
  }, [id, isUnread]);
  return (
    <Modal opened onClose={onClose} size="lg" title={message.data?.subject ?? t('reminders.outbox')}>
      <Fetched query={message}>
        {(data) => (
          <Stack>
            <Text size="sm" c="dimmed">
              {t('reminders.to', { name: data.recipient.name })} · {formatInstant(data.composedAt)}
              {data.insteadOf && ` · ${t('reminders.insteadOf', { name: data.insteadOf.name })}`}
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
