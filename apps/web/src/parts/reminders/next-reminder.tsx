import { Anchor, Button, Group, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { command, queryClient, read, send } from '../../api.js';
import { formatDay } from '../../language/index.js';
import { showDone } from '../done.js';
import { Fact } from '../fact.js';
import { showProblem } from '../problems.js';
import { ReasonDialog } from '../reason-dialog.js';
import { SnoozeDialog } from './snooze.js';

/** When the next reminder of a subject leaves, with a way to hold it up, or all of them. */
export function NextReminder({ kind, id }: { kind: 'agreement' | 'project'; id: string }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'snooze' | 'mute'>();
  const { data } = useQuery({
    queryKey: ['reminders', kind, id],
    queryFn: () => read('reminders', { [kind]: id, limit: '200' }),
  });
  const { data: mute } = useQuery({
    queryKey: ['mutes', kind, id],
    queryFn: () => read('reminders/mutes/{kind}/{id}', { kind, id }),
  });
  const change = useMutation({
    mutationFn: (reason: string | undefined) =>
      reason === undefined
        ? send('delete', 'reminders/mutes/{kind}/{id}', { kind, id }, {})
        : command('reminders/mutes/{kind}/{id}', { kind, id }, { reason }),
    onSuccess: async (_, reason) => {
      await queryClient.invalidateQueries();
      const unmute = () => send('delete', 'reminders/mutes/{kind}/{id}', { kind, id }, {});
      showDone(t('reminders.muteDone'), reason === undefined ? undefined : unmute);
      setDialog(undefined);
    },
    onError: showProblem,
  });
  const next = data?.items.find(({ state }) => state === 'scheduled' || state === 'due');
  const last = data?.items.filter(({ state }) => ['sent', 'failed', 'uncertain'].includes(state)).at(-1);
  if (!next && !last && !mute?.muted) return null;
  return (
    <Fact label={t('agreement.reminder')}>
      {mute?.muted && <Text size="sm">{t('reminders.muted')}</Text>}
      {!mute?.muted && next && (
        <Text size="sm" data-next-reminder>
          {t('agreement.nextReminder', { date: formatDay(next.dueAt) })}
        </Text>
      )}
      {last && (
        <Anchor component={Link} to={last.message ? `/rappels?message=${last.message}` : '/rappels'} size="sm">
          {t('agreement.reminded', { date: formatDay(last.dueAt) })}
        </Anchor>
      )}
      <Group gap={4} mt={4}>
        {next && !mute?.muted && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setDialog('snooze')}>
            {t('reminders.snooze')}
          </Button>
        )}
        {mute?.muted ? (
          <Button size="compact-xs" variant="subtle" onClick={() => change.mutate(undefined)}>
            {t('reminders.unmute')}
          </Button>
        ) : (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setDialog('mute')}>
            {t('reminders.mute')}
          </Button>
        )}
      </Group>
      {dialog === 'snooze' && next && <SnoozeDialog reminder={next.id} onClose={() => setDialog(undefined)} />}
      {dialog === 'mute' && (
        <ReasonDialog
          title={t('reminders.mute')}
          loading={change.isPending}
          onGiven={(reason) => change.mutate(reason)}
          onClose={() => setDialog(undefined)}
        />
      )}
    </Fact>
  );
}
