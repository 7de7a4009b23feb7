import { sayDate, wordsOf } from '../language/index.js';
import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AgreementSummary, StageView } from '#agreements';
import { KIND_COLOURS, PROJECT_COLOURS } from '../theme.js';

export const StageBadge = ({
  stage,
  size = 'md',
}: {
  stage: Pick<StageView, 'kind' | 'labels'>;
  size?: 'sm' | 'md' | 'lg';
}) => (
  <Badge color={KIND_COLOURS[stage.kind]} variant="light" size={size} tt="none" miw="max-content">
    {wordsOf(stage.labels)}
  </Badge>
);

export function StatusBadge({ status }: { status: string }) {
  const { t } = useTranslation();
  return (
    <Badge color={PROJECT_COLOURS[status] ?? 'gray'} variant="light" tt="none" miw="max-content">
      {t(`status.${status}`)}
    </Badge>
  );
}

export const Country = ({ code }: { code: string | null | undefined }) =>
  code ? <span className="country">{code}</span> : null;

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
    <Badge color={isOver ? 'red' : 'gray'} variant={isOver ? 'light' : 'outline'} size="sm" tt="none" miw="max-content">
      {t(isOver ? 'agreements.dueOver' : 'agreements.due', { date: sayDate(on) })}
    </Badge>
  );
}

export function WaitingBadge({ waiting }: { waiting: NonNullable<AgreementSummary['waiting']> }) {
  const { t } = useTranslation();
  return (
    <Badge
      color={waiting.overdue ? 'red' : 'gray'}
      variant={waiting.overdue ? 'light' : 'outline'}
      size="sm"
      tt="none"
      miw="max-content"
    >
      {waiting.overdue ? `${t('agreements.overdue')} · ` : ''}
      {t('agreements.waiting', { count: waiting.workingDays })}
    </Badge>
  );
}
