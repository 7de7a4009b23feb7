import { sayDate, wordsOf } from '../language/index.js';
import { Alert, Badge, Card, Group, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconInfoCircle, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import type { AgreementSummary, BoardColumn } from '#agreements';
import type { StatementView } from '#statements';
import { type Page, read } from '../api.js';
import { Fetched } from '../parts/fetched.js';
import { Country, DueBadge, WaitingBadge } from '../parts/marks.js';
import { PageTitle } from '../parts/page-title.js';
import { KIND_COLOURS } from '../theme.js';

export default function AgreementsPage() {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const q = parameters.get('q') ?? '';
  const overdue = parameters.get('overdue') === 'true';
  const set = (name: string, value: string) =>
    setParameters(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  const board = useQuery({
    queryKey: ['board', q, overdue],
    queryFn: () =>
      read<{ columns: BoardColumn[] }>('agreements/board', {
        q: q || undefined,
        overdue: overdue ? 'true' : undefined,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
  const count = board.data?.columns.reduce((sum, column) => sum + column.count, 0) ?? 0;
  return (
    <>
      <PageTitle title={t('agreements.title')} subtitle={t('agreements.subtitle', { count })}>
        <Switch
          label={t('agreements.overdueOnly')}
          checked={overdue}
          onChange={(event) => set('overdue', event.currentTarget.checked ? 'true' : '')}
        />
        <TextInput
          placeholder={t('common.search')}
          aria-label={t('common.search')}
          leftSection={<IconSearch size={16} />}
          value={q}
          onChange={(event) => set('q', event.currentTarget.value)}
          w={240}
        />
      </PageTitle>
      <Gaps />
      <Fetched query={board}>
        {({ columns }) => (count === 0 ? <Text c="dimmed">{t('agreements.empty')}</Text> : <Board columns={columns} />)}
      </Fetched>
    </>
  );
}

/** Figures that a source states without naming all the items: the gap stays in sight. */
function Gaps() {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['statements', 'agreements'],
    queryFn: () => read<Page<StatementView>>('statements', { counts: 'agreements' }),
  });
  const gaps = data?.items.filter(({ gap, identified }) => gap !== undefined && gap > 0 && identified.count > 0) ?? [];
  return gaps.map(({ id, title, declared, identified, gap }) => (
    <Alert
      key={id}
      variant="light"
      color="blue"
      icon={<IconInfoCircle />}
      mb="md"
      title={t('agreements.statement', { title, declared, identified: identified.count, gap })}
    >
      {t('agreements.statementHint')}
    </Alert>
  ));
}

const Board = ({ columns }: { columns: BoardColumn[] }) => (
  <div className="board">
    {columns.map((column) =>
      column.count === 0 ? (
        <EmptyColumn key={column.stage.id} column={column} />
      ) : (
        <Column key={column.stage.id} column={column} />
      ),
    )}
  </div>
);

const EmptyColumn = ({ column }: { column: BoardColumn }) => (
  <section className="board-column-empty" aria-label={wordsOf(column.stage.labels)}>
    <span>{wordsOf(column.stage.labels)}</span>
  </section>
);

const Column = ({ column }: { column: BoardColumn }) => (
  <section className="board-column" aria-label={wordsOf(column.stage.labels)} data-stage={column.stage.id}>
    <Group gap="xs" py={6} style={{ borderTop: `3px solid var(--mantine-color-${KIND_COLOURS[column.stage.kind]}-5)` }}>
      <Text fw={650} size="sm">
        {wordsOf(column.stage.labels)}
      </Text>
      <Badge variant="default" size="sm">
        {column.count}
      </Badge>
    </Group>
    {column.agreements.map((agreement) => (
      <AgreementCard key={agreement.id} agreement={agreement} />
    ))}
  </section>
);

function AgreementCard({ agreement }: { agreement: AgreementSummary }) {
  const { t } = useTranslation();
  return (
    <Link to={`/accords/${agreement.id}`} className="card-link">
      <Card withBorder padding="md">
        <Stack gap={8}>
          <Text size="xs" c="dimmed">
            {t(`type.${agreement.type}`)}
          </Text>
          <Text fw={600} size="sm" lh={1.35}>
            {agreement.title}
          </Text>
          <Group gap={5}>
            {agreement.parties.map(({ id, country }) => (
              <Country key={id} code={country} />
            ))}
          </Group>
          <Group gap="xs">
            {agreement.stage.kind === 'signature' && (
              <Badge variant="outline" color="orange" size="sm" tt="none">
                {t('agreements.signatures', agreement.signatures)}
              </Badge>
            )}
            {agreement.waiting && <WaitingBadge waiting={agreement.waiting} />}
            {agreement.due && <DueBadge due={agreement.due} />}
            {agreement.signedOn && (
              <Text size="xs" c="dimmed">
                {t('agreement.signedOn')} {sayDate(agreement.signedOn)}
              </Text>
            )}
          </Group>
          {agreement.owner && (
            <Text size="xs" c="dimmed">
              {agreement.owner.name}
            </Text>
          )}
        </Stack>
      </Card>
    </Link>
  );
}
