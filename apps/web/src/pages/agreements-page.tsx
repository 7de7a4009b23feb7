import { Anchor, Group, SegmentedControl, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { read } from '../api.js';
import { useAddress } from '../parts/address.js';
import { Board } from '../parts/agreements/board.js';
import { Filters, useFilters } from '../parts/agreements/filters.js';
import { ListTools } from '../parts/agreements/list-tools.js';
import { NewAgreement } from '../parts/agreements/new-agreement.js';
import { Count } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { useStanding } from '../standing.js';

const AgreementTable = lazy(() => import('../parts/agreements/table.js'));
const AgreementCalendar = lazy(() => import('../parts/agreements/calendar.js'));

const VIEWS = ['board', 'table', 'calendar'] as const;

/** All agreements, as a board by stage, as a table or as a calendar of what falls due, under the same filters. */
export default function AgreementsPage() {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  const filters = useFilters();
  const view = VIEWS.find((one) => one === get('vue')) ?? 'board';
  const facets = useQuery({
    queryKey: ['agreements', 'facets', filters],
    queryFn: () => read('agreements/facets', filters),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageTitle
        title={t('agreements.title')}
        subtitle={
          facets.data && <Count of={facets.data.total}>{t('agreements.subtitle', { count: facets.data.total })}</Count>
        }
      >
        <SegmentedControl
          value={view}
          onChange={(value) => set({ vue: value === 'board' ? undefined : value })}
          data={VIEWS.map((value) => ({ value, label: t(`agreements.views.${value}`) }))}
          aria-label={t('agreements.view')}
        />
        <ListTools filters={filters} />
        <NewAgreement />
      </PageTitle>
      <Filters facets={facets.data} />
      <Statements />
      <Suspense fallback={<Text c="dimmed">…</Text>}>
        {view === 'board' && <Board filters={filters} />}
        {view === 'table' && <AgreementTable filters={filters} />}
        {view === 'calendar' && <AgreementCalendar filters={filters} />}
      </Suspense>
    </>
  );
}

/** What the source states but does not name: what is partly named in a line, the rest behind a link. */
function Statements() {
  const { t } = useTranslation();
  const { isInDoubt } = useStanding();
  const statements = useQuery({
    queryKey: ['statements', 'agreements'],
    queryFn: () => read('statements', { counts: 'agreements' }),
    staleTime: 60_000,
  });
  const gaps = statements.data?.items.filter(({ gap = 0 }) => gap > 0) ?? [];
  // What lists do not have yet is not missing.
  if (gaps.length === 0 || isInDoubt) return null;
  const named = gaps.filter(({ identified }) => identified.count > 0);
  return (
    <Group gap={6} mb="md" wrap="nowrap" align="flex-start" title={t('agreements.statementHint')}>
      <IconInfoCircle size={16} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
      <Text size="sm" c="dimmed">
        {named.map(({ id, title, declared, identified, gap }) => (
          <span key={id}>
            {t('agreements.statement', { title, declared, identified: identified.count, gap })}
            {' · '}
          </span>
        ))}
        <Anchor component={Link} to="/declarations" size="sm">
          {t('agreements.statements', { count: gaps.length })}
        </Anchor>
      </Text>
    </Group>
  );
}
