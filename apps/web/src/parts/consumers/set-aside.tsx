import { Anchor, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ConsumerView, ParkedView } from '#operations';
import { command } from '../../api.js';
import { eventName, formatInstant, formatNumber, language } from '../../language/index.js';
import { hasPage, pageOf } from '../places.js';
import { ReasonDialog } from '../reason-dialog.js';
import { Section } from '../section.js';
import { useCommand } from '../use-command.js';
import { consumerName, subjectOf, typeOf } from './words.js';

/** Asks for what is set aside to be tried again: of one stream, of one consumer, or all of it. */
function useRetry() {
  const { t } = useTranslation();
  const retry = useCommand(t('consumers.askedAgain'));
  return {
    isPending: retry.isPending,
    retry: (of: { consumer?: string; stream?: string }) => retry.mutate(() => command('consumers/retry', {}, of)),
  };
}

/** What could not be applied, by who could not, and what may become of it. */
export function SetAside({ consumers }: { consumers: ConsumerView[] }) {
  const { t } = useTranslation();
  const { retry, isPending } = useRetry();
  const [skipped, skip] = useState<ParkedView>();
  const those = consumers.filter(({ parked }) => parked.length > 0);
  const count = those.reduce((sum, { parked }) => sum + parked.length, 0);
  return (
    <Section
      title={t('consumers.setAside')}
      {...(count > 0 && { count })}
      actions={
        count > 0 && (
          <Button size="xs" variant="default" loading={isPending} onClick={() => retry({})}>
            {t('consumers.retryAll')}
          </Button>
        )
      }
    >
      {count === 0 && <Text c="dimmed">{t('consumers.nothing')}</Text>}
      <Stack gap="lg">
        {those.map(({ name, parked }) => (
          <Stack gap="xs" key={name} data-consumer={name}>
            <Group justify="space-between">
              <Text fw={600} component="h3" m={0}>
                {consumerName(name)}
              </Text>
              {parked.length > 1 && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  disabled={isPending}
                  onClick={() => retry({ consumer: name })}
                >
                  {t('consumers.retryConsumer')}
                </Button>
              )}
            </Group>
            {parked.map((one) => (
              <Parked
                key={one.stream}
                parked={one}
                isBusy={isPending}
                onRetry={() => retry({ consumer: name, stream: one.stream })}
                onSkip={() => skip(one)}
              />
            ))}
          </Stack>
        ))}
      </Stack>
      {skipped && <Skip parked={skipped} onClose={() => skip(undefined)} />}
    </Section>
  );
}

const typeWords = (stored: string): string => {
  const type = typeOf(stored);
  return language.exists(`event.${type}`) ? eventName(type) : stored;
};

function Parked({
  parked: { stream, type, revision, since, reason, tries },
  isBusy,
  onRetry,
  onSkip,
}: {
  parked: ParkedView;
  isBusy: boolean;
  onRetry: () => void;
  onSkip: () => void;
}) {
  const { t } = useTranslation();
  const { kind, id, label } = subjectOf(stream);
  return (
    <Paper withBorder p="md" data-stream={stream}>
      <Group justify="space-between" align="flex-start">
        <Stack gap={2} miw={0} flex="1 1 260px">
          {hasPage(kind) ? (
            <Anchor component={Link} to={pageOf({ kind, id })} size="sm" fw={600} className="as-said">
              {label}
            </Anchor>
          ) : (
            <Text size="sm" fw={600} className="as-said">
              {label}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            {t('consumers.heldUpAt', { event: typeWords(type), revision: formatNumber(revision) })}
          </Text>
          <Text size="xs" c="dimmed">
            {t('consumers.since', { time: formatInstant(since) })} · {t('consumers.tries', { count: tries })}
          </Text>
          <Text size="sm" mt={4} className="as-said" lang="en">
            {reason}
          </Text>
        </Stack>
        <Group gap="xs">
          <Button size="compact-sm" variant="light" disabled={isBusy} onClick={onRetry}>
            {t('common.retry')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={onSkip}>
            {t('consumers.skip')}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}

/** Does without an event for good, for a reason that goes on record. */
function Skip({ parked: { consumer, stream, type, revision }, onClose }: { parked: ParkedView; onClose: () => void }) {
  const { t } = useTranslation();
  const skip = useCommand(t('transition.done'), onClose);
  return (
    <ReasonDialog
      title={t('consumers.skip')}
      loading={skip.isPending}
      onGiven={(reason) => skip.mutate(() => command('consumers/skip', {}, { consumer, stream, reason }))}
      onClose={onClose}
    >
      <Text size="sm">
        {t('consumers.skipMeans', {
          consumer: consumerName(consumer),
          event: typeWords(type),
          revision: formatNumber(revision),
          subject: subjectOf(stream).label,
        })}
      </Text>
    </ReasonDialog>
  );
}
