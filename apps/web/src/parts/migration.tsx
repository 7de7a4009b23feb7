import { Anchor, Button, Group, Select, Stack, Table, Text, TextInput, Title, VisuallyHidden } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { LifecycleView, MigrationFate } from '#definitions';
import { queryClient, send } from '../api.js';
import { formatDay, wordsOf } from '../language/index.js';
import { None } from './none.js';
import { showProblem } from './problems.js';
import { ReasonDialog } from './reason-dialog.js';

/** Puts agreements under the latest version, after a look at what that does to each. */
export function Migration({ item }: { item: LifecycleView }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const [stages, setStages] = useState<Record<string, string>>({});
  const [declined, setDeclined] = useState<Record<string, string>>({});
  const [declining, setDeclining] = useState<string>();
  const [fates, setFates] = useState<MigrationFate[]>();
  const migrate = useMutation({
    mutationFn: (isPreview: boolean) =>
      send(
        'post',
        'lifecycles/{id}/migrations',
        { id: item.id, dryRun: String(isPreview) },
        {
          toVersion: item.version,
          reason: reason.trim(),
          stages,
          declined: Object.entries(declined).map(([agreement, why]) => ({ agreement, reason: why })),
        },
      ),
    onSuccess: async ({ items }, isPreview) => {
      setFates(items);
      if (isPreview) return;
      const count = items.filter(({ fate }) => fate === 'migrated').length;
      notifications.show({ color: 'green', message: t('lifecycles.migrated', { count }) });
      await queryClient.invalidateQueries();
    },
    onError: showProblem,
  });
  const known = item.definition.stages.map(({ id, labels }) => ({ value: id, label: wordsOf(labels) }));
  const strange = [...new Set((fates ?? []).map(({ stage }) => stage.from))].filter(
    (stage) => !known.some(({ value }) => value === stage),
  );
  const isReady = fates?.some(({ fate }) => fate === 'migrated') && fates.every(({ fate }) => fate !== 'refused');
  return (
    <Stack gap="sm" mt="lg">
      <Title order={3} size="h5">
        {t('lifecycles.migrate')}
      </Title>
      <Group align="end">
        <TextInput
          label={t('lifecycles.reason')}
          style={{ flex: 1 }}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {strange.map((stage) => (
          <Select
            key={stage}
            label={t('lifecycles.stageFor', { stage })}
            data={known}
            value={stages[stage] ?? null}
            onChange={(to) => to && setStages({ ...stages, [stage]: to })}
          />
        ))}
        <Button variant="default" disabled={!reason.trim()} onClick={() => migrate.mutate(true)}>
          {t('lifecycles.preview')}
        </Button>
        <Button disabled={!isReady} loading={migrate.isPending} onClick={() => migrate.mutate(false)}>
          {t('lifecycles.apply')}
        </Button>
      </Group>
      {fates?.length === 0 && <None size="sm">{t('lifecycles.none')}</None>}
      {fates && fates.length > 0 && (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('lifecycles.agreement')}</Table.Th>
              <Table.Th>{t('lifecycles.fate')}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{t('common.actions')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {fates.map((fate) => (
              <Table.Tr key={fate.agreement} data-agreement={fate.agreement} data-fate={fate.fate}>
                <Table.Td>
                  <Anchor component={Link} to={`/accords/${fate.agreement}`} size="sm">
                    {fate.agreement}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  <Fate fate={fate} stages={known} />
                </Table.Td>
                <Table.Td w={200}>
                  <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setDeclining(fate.agreement)}>
                    {t('lifecycles.decline')}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {declining && (
        <ReasonDialog
          title={t('lifecycles.decline')}
          loading={false}
          onGiven={(why) => {
            setDeclined({ ...declined, [declining]: why });
            setFates(
              fates?.map((one) => (one.agreement === declining ? { ...one, fate: 'declined', message: why } : one)),
            );
            setDeclining(undefined);
          }}
          onClose={() => setDeclining(undefined)}
        />
      )}
    </Stack>
  );
}

/** What becomes of one agreement, in words. */
function Fate({ fate, stages }: { fate: MigrationFate; stages: { value: string; label: string }[] }) {
  const { t } = useTranslation();
  const { newlyMissing, deadlines, movesOnTo, message } = fate;
  const daysOf = ({ stage, whole }: NonNullable<MigrationFate['deadlines']>['before']) =>
    [stage, whole]
      .filter((day) => day !== undefined)
      .map(formatDay)
      .join(', ') || t('lifecycles.noDeadline');
  const notes = [
    ...(message ? [message] : []),
    ...(newlyMissing.length > 0
      ? [
          t('lifecycles.newlyMissing', {
            what: newlyMissing.flatMap((one) => one.missing.map((labels) => wordsOf(labels))).join(' '),
          }),
        ]
      : []),
    ...(deadlines
      ? [t('lifecycles.deadlines', { before: daysOf(deadlines.before), after: daysOf(deadlines.after) })]
      : []),
    ...(movesOnTo
      ? [t('lifecycles.movesOnTo', { stage: stages.find(({ value }) => value === movesOnTo)?.label ?? movesOnTo })]
      : []),
  ];
  return (
    <>
      <Text size="sm">{t(`lifecycles.fates.${fate.fate}`)}</Text>
      {notes.map((note) => (
        <Text key={note} size="sm" c="dimmed">
          {note}
        </Text>
      ))}
    </>
  );
}
