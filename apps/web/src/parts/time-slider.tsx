import { Alert, Button, Group, Paper, Slider, Stack, Text, TextInput } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDay, formatInstant } from '../language/index.js';
import { type Subject, useHistory } from './history.js';

/** The moment that a page shows, on two clocks: until when it was known (an instant), and when it was the case (a day). */
export interface Moment {
  asOf?: string;
  effectiveAt?: string;
}

/** Undefined is now. */
export const useMoment = () => useState<Moment>();

/** Goes back to what was known after any of the events in a history. */
export function TimeSlider({
  of,
  moment,
  onMoment,
}: {
  of: Subject;
  moment: Moment | undefined;
  onMoment: (moment: Moment | undefined) => void;
}) {
  const { t } = useTranslation();
  const { data } = useHistory(of);
  const moments = [...new Set((data?.items ?? []).map(({ recordedAt }) => recordedAt))].reverse();
  if (moments.length < 2) return null;
  const last = moments.length - 1;
  const { asOf, effectiveAt } = moment ?? {};
  const at = asOf === undefined ? last : moments.indexOf(asOf);
  const show = (next: Moment) => onMoment(next.asOf === undefined && next.effectiveAt === undefined ? undefined : next);
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
          onChange={(index) =>
            show({ ...(effectiveAt && { effectiveAt }), ...(index < last && { asOf: moments[index]! }) })
          }
        />
        <TextInput
          type="date"
          size="xs"
          label={t('moment.effective')}
          value={effectiveAt ?? ''}
          onChange={({ currentTarget: { value } }) =>
            show({ ...(asOf && { asOf }), ...(value && { effectiveAt: value }) })
          }
        />
      </Group>
      {moment !== undefined && (
        <Alert mt="sm" color="orange" variant="light" role="status">
          <Stack gap={4} align="flex-start">
            {asOf !== undefined && <Text size="sm">{t('moment.past', { moment: formatInstant(asOf) })}</Text>}
            {effectiveAt !== undefined && (
              <Text size="sm">{t('moment.pastEffective', { day: formatDay(effectiveAt) })}</Text>
            )}
            <Button size="compact-sm" variant="default" onClick={() => onMoment(undefined)}>
              {t('moment.back')}
            </Button>
          </Stack>
        </Alert>
      )}
    </Paper>
  );
}

/** Stands in the place of a page of which nothing was there at the moment that was asked for. */
export function NotThen({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="orange" variant="light" role="status" title={t('moment.notThen')}>
      <Button size="compact-sm" variant="default" onClick={onBack}>
        {t('moment.back')}
      </Button>
    </Alert>
  );
}
