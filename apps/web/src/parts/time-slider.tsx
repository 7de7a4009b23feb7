import { Alert, Button, Group, Paper, Slider, Stack, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatInstant } from '../language/index.js';
import { type Subject, useHistory } from './history.js';

/** The moment that a page shows: undefined is now. */
export const useMoment = () => useState<string>();

/** Goes back to what was known after any of the events in a history. */
export function TimeSlider({
  of,
  moment,
  onMoment,
}: {
  of: Subject;
  moment: string | undefined;
  onMoment: (moment: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const { data } = useHistory(of);
  const moments = [...new Set((data?.items ?? []).map(({ recordedAt }) => recordedAt))].reverse();
  if (moments.length < 2) return null;
  const last = moments.length - 1;
  const at = moment === undefined ? last : moments.indexOf(moment);
  const label = (index: number) => (index >= last ? t('moment.now') : formatInstant(moments[index]!));
  return (
    <Paper withBorder px="lg" py="sm" className="no-print" component="section" aria-label={t('moment.title')}>
      <Group gap="md" wrap="nowrap">
        <IconHistory size={18} aria-hidden />
        <Text size="sm" style={{ whiteSpace: 'nowrap' }} visibleFrom="sm">
          {t('moment.title')}
        </Text>
        <Slider
          style={{ flex: 1 }}
          min={0}
          max={last}
          value={at}
          label={label}
          thumbLabel={t('moment.title')}
          thumbProps={{ 'aria-valuetext': label(at) }}
          onChange={(index) => onMoment(index >= last ? undefined : moments[index])}
        />
      </Group>
      {moment !== undefined && (
        <Alert mt="sm" color="orange" variant="light" role="status">
          <Stack gap={4} align="flex-start">
            {t('moment.past', { moment: formatInstant(moment) })}
            <Button size="compact-sm" variant="default" onClick={() => onMoment(undefined)}>
              {t('moment.back')}
            </Button>
          </Stack>
        </Alert>
      )}
    </Paper>
  );
}
