import { Button, Group, List, Paper, Radio, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConsumerView } from '#operations';
import { command } from '../../api.js';
import { formatInstant } from '../../language/index.js';
import { FormDialog } from '../form-dialog.js';
import { ReasonInput } from '../reason-input.js';
import { useCommand } from '../use-command.js';
import { consumerName } from './words.js';

/** What acts outward has followed another log than the one that is there: somebody has to say which is right. */
export function AnotherLog({ halted }: { halted: ConsumerView[] }) {
  const { t } = useTranslation();
  const [isDeciding, setDeciding] = useState(false);
  return (
    <Paper withBorder p="lg" component="section" aria-label={t('consumers.anotherLog')} data-another-log>
      <Stack gap="sm" align="flex-start">
        <Title order={2} size="h4">
          {t('consumers.anotherLog')}
        </Title>
        <Text size="sm">{t('consumers.anotherLogMeans')}</Text>
        <List size="sm">
          {halted.map(({ name, since }) => (
            <List.Item key={name}>
              {consumerName(name)}
              {since && ` – ${t('consumers.since', { time: formatInstant(since) })}`}
            </List.Item>
          ))}
        </List>
        <Group>
          <Button onClick={() => setDeciding(true)}>{t('consumers.acknowledge')}</Button>
        </Group>
        <Text size="sm" c="dimmed">
          {t('consumers.otherwise')}
        </Text>
      </Stack>
      {isDeciding && <Acknowledge onClose={() => setDeciding(false)} />}
    </Paper>
  );
}

/** Says, on record, that the log that is there is the right one, and from where those that stopped go on. */
function Acknowledge({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [from, setFrom] = useState<'end' | 'beginning'>();
  const [reason, setReason] = useState('');
  const acknowledge = useCommand(t('transition.done'), onClose);
  return (
    <FormDialog
      title={t('consumers.acknowledge')}
      size="lg"
      loading={acknowledge.isPending}
      disabled={from === undefined}
      onSubmit={() =>
        from && acknowledge.mutate(() => command('consumers/acknowledge-log', {}, { from, reason: reason.trim() }))
      }
      onClose={onClose}
    >
      <Radio.Group
        label={t('consumers.goOn')}
        required
        value={from ?? null}
        onChange={(value) => setFrom(value as 'end' | 'beginning')}
      >
        <Stack mt="xs">
          <Radio value="end" label={t('consumers.fromEnd')} description={t('consumers.fromEndMeans')} />
          <Radio
            value="beginning"
            label={t('consumers.fromBeginning')}
            description={t('consumers.fromBeginningMeans')}
          />
        </Stack>
      </Radio.Group>
      <ReasonInput value={reason} onChange={setReason} />
    </FormDialog>
  );
}
