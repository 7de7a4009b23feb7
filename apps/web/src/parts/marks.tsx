import { Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AgreementSummary, StageView } from '#agreements';
import { countryName, sayDate, wordsOf } from '../language/index.js';
import { Tag, type Tone } from './tag.js';

export const StageBadge = ({ stage }: { stage: Pick<StageView, 'kind' | 'labels'> }) => (
  <Tag tone={stage.kind}>{wordsOf(stage.labels)}</Tag>
);

/** The state of a project, in the colours of what it corresponds to in the life of an agreement. */
export const STATUS_TONES: Record<string, Tone> = {
  planned: 'preparation',
  implementation: 'active',
  suspended: 'suspended',
  closed: 'ended',
  cancelled: 'late',
};

export function StatusBadge({ status }: { status: string }) {
  const { t } = useTranslation();
  return <Tag tone={STATUS_TONES[status] ?? 'plain'}>{t(`status.${status}`)}</Tag>;
}

export const Country = ({ code }: { code: string | null | undefined }) =>
  code ? (
    <abbr className="country" title={countryName(code)}>
      {code}
    </abbr>
  ) : null;

export const Parties = ({ parties }: { parties: AgreementSummary['parties'] }) => (
  <Group gap={6}>
    {parties.map(({ id, name, acronym, country }) => (
      <Group key={id} gap={5} wrap="nowrap">
        <Country code={country} />
        <Text size="sm" c="dimmed" lh={1.3}>
          {acronym ?? name}
        </Text>
      </Group>
    ))}
  </Group>
);

/** The nearest deadline, and whether it is over. */
export function DueBadge({ due: { on, isOver } }: { due: NonNullable<AgreementSummary['due']> }) {
  const { t } = useTranslation();
  return (
    <Tag tone={isOver ? 'late' : 'plain'}>
      {t(isOver ? 'agreements.dueOver' : 'agreements.due', { date: sayDate(on) })}
    </Tag>
  );
}

export function WaitingBadge({ waiting }: { waiting: NonNullable<AgreementSummary['waiting']> }) {
  const { t } = useTranslation();
  return (
    <Tag tone={waiting.overdue ? 'late' : 'plain'}>
      {waiting.overdue ? `${t('agreements.overdue')} · ` : ''}
      {t('agreements.waiting', { count: waiting.workingDays })}
    </Tag>
  );
}
