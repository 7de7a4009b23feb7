import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconCheck, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { command } from '../api.js';
import { sayDate, wordsOf } from '../language/index.js';
import { FormDialog } from './form-dialog.js';
import { Day, Line } from './inputs.js';
import { Section } from './section.js';
import { useCommand } from './use-command.js';

/** What is left to do about an agreement, by when and by whom. */
export function FollowUps({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const close = useCommand(t('followUps.closed'));
  return (
    <Section title={t('followUps.title')}>
      <Stack gap="sm">
        {agreement.followUps.length === 0 && <Text c="dimmed">{t('followUps.none')}</Text>}
        {agreement.followUps.map(({ id, labels, dueOn, isOver, owner }) => (
          <Paper key={id} withBorder p="md" data-follow-up={id}>
            <Group justify="space-between" gap="sm" wrap="nowrap">
              <Stack gap={2}>
                <Text size="sm" fw={600}>
                  {wordsOf(labels)}
                </Text>
                <Text size="xs" c={isOver ? 'var(--mantine-color-error)' : 'dimmed'}>
                  {t(isOver ? 'followUps.over' : 'followUps.due', { date: sayDate(dueOn) })}
                  {owner && ` · ${owner.name}`}
                </Text>
              </Stack>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconCheck size={16} />}
                loading={close.isPending}
                onClick={() =>
                  close.mutate(() =>
                    command('agreements/{id}/follow-ups/{followUp}/close', { id: agreement.id, followUp: id }, {}),
                  )
                }
              >
                {t('followUps.close')}
              </Button>
            </Group>
          </Paper>
        ))}
        <Group>
          <Button size="xs" variant="light" leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
            {t('followUps.add')}
          </Button>
        </Group>
      </Stack>
      {isAdding && <AddFollowUp agreement={agreement} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function AddFollowUp({ agreement, onClose }: { agreement: AgreementView; onClose: () => void }) {
  const { t } = useTranslation();
  const [task, setTask] = useState('');
  const [dueOn, setDueOn] = useState('');
  const open = useCommand(t('followUps.opened'), onClose);
  const submit = () =>
    open.mutate(() => command('agreements/{id}/follow-ups', { id: agreement.id }, { task: task.trim(), dueOn }));
  return (
    <FormDialog title={t('followUps.add')} loading={open.isPending} onSubmit={submit} onClose={onClose}>
      <Line label={t('followUps.task')} required value={task} onChange={setTask} autoFocus />
      <Day label={t('followUps.dueOn')} required mayBeAhead value={dueOn} onChange={setDueOn} />
    </FormDialog>
  );
}
