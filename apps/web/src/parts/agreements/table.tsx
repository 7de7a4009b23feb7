import { ActionIcon, Anchor, Checkbox, Group, Popover, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconColumns3 } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AgreementSummary } from '#agreements';
import { read } from '../../api.js';
import { sayDate } from '../../language/index.js';
import { useAddress } from '../address.js';
import { Country, DueBadge, StageBadge, WaitingBadge } from '../marks.js';
import { None } from '../none.js';
import { COLUMNS, type ColumnName, chosenColumns } from './columns.js';
import type { AgreementFilters } from './filters.js';

const ROW = 60;
const PAGE = '100';

/** The agreements as a table: sorted and filtered by the server, fetched and drawn as one scrolls. */
export default function AgreementTable({ filters }: { filters: AgreementFilters }) {
  const { t } = useTranslation();
  const { get, list } = useAddress();
  const sort = get('tri') || 'title';
  const chosen = chosenColumns(list('colonnes'));
  const agreements = useInfiniteQuery({
    queryKey: ['agreements', 'table', filters, sort],
    queryFn: ({ pageParam }) => read('agreements', { ...filters, sort, limit: PAGE, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
  const rows = agreements.data?.pages.flatMap(({ items }) => items) ?? [];
  const sheet = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => sheet.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = agreements;
  useEffect(() => {
    if (last >= rows.length - 30 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const columns = COLUMNS.filter(({ id }) => chosen.includes(id));
  const grid = { gridTemplateColumns: columns.map(({ width }) => width).join(' '), minWidth: columns.length * 130 };
  if (agreements.data && rows.length === 0) return <None>{t('agreements.empty')}</None>;
  return (
    <>
      <ColumnChoice chosen={chosen} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <div className="sheet" ref={sheet} style={{ maxHeight: 'calc(100vh - 270px)', minHeight: 240 }} tabIndex={0}>
        <div role="table" aria-label={t('agreements.title')} aria-rowcount={hasNextPage ? -1 : rows.length + 1}>
          <div className="sheet-row sheet-head" role="row" tabIndex={-1} style={grid}>
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} sort={sort} />
            ))}
          </div>
          <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {drawn.map(({ index, start }) => {
              const agreement = rows[index]!;
              return (
                <div
                  key={agreement.id}
                  role="row"
                  tabIndex={-1}
                  aria-rowindex={index + 2}
                  data-agreement={agreement.id}
                  className="sheet-row"
                  style={{ ...grid, position: 'absolute', top: start, height: ROW, insetInline: 0 }}
                >
                  {columns.map(({ id }) => (
                    <div key={id} role="cell" className="sheet-cell">
                      <Cell agreement={agreement} column={id} />
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </>
  );
}

function HeadCell({ column, sort }: { column: (typeof COLUMNS)[number]; sort: string }) {
  const { t } = useTranslation();
  const { set } = useAddress();
  const name = t(`agreements.columns.${column.id}`);
  if (!('sort' in column)) {
    return (
      <div role="columnheader" tabIndex={-1}>
        {name}
      </div>
    );
  }
  const isUp = sort === column.sort;
  const isDown = sort === `-${column.sort}`;
  const Icon = isDown ? IconArrowDown : IconArrowUp;
  return (
    <div role="columnheader" tabIndex={-1} aria-sort={isUp ? 'ascending' : isDown ? 'descending' : 'none'}>
      <UnstyledButton
        fz={12}
        fw={600}
        c="inherit"
        onClick={() => set({ tri: isUp ? `-${column.sort}` : column.sort === 'title' ? undefined : column.sort })}
      >
        <Group gap={4} wrap="nowrap">
          {name}
          {(isUp || isDown) && <Icon size={13} aria-hidden />}
        </Group>
      </UnstyledButton>
    </div>
  );
}

function ColumnChoice({ chosen }: { chosen: ColumnName[] }) {
  const { t } = useTranslation();
  const { set } = useAddress();
  const toggle = (id: ColumnName) =>
    set({ colonnes: chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id] });
  return (
    <Group justify="flex-end" mb={4} className="no-print">
      <Popover position="bottom-end" shadow="md">
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('agreements.chooseColumns')}>
            <IconColumns3 size={18} />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="xs">
            {COLUMNS.map(({ id }) => (
              <Checkbox
                key={id}
                label={t(`agreements.columns.${id}`)}
                checked={chosen.includes(id)}
                disabled={id === 'title'}
                onChange={() => toggle(id)}
              />
            ))}
          </Stack>
        </Popover.Dropdown>
      </Popover>
    </Group>
  );
}

function Cell({ agreement, column }: { agreement: AgreementSummary; column: ColumnName }) {
  const { t } = useTranslation();
  switch (column) {
    case 'title':
      return (
        <Anchor component={Link} to={`/accords/${agreement.id}`} size="sm" fw={600} lineClamp={2}>
          {agreement.title}
        </Anchor>
      );
    case 'stage':
      return <StageBadge stage={agreement.stage} />;
    case 'type':
      return t(`type.${agreement.type}`);
    case 'countries':
      return (
        <Group gap={4}>
          {[...new Set(agreement.parties.flatMap(({ country }) => country ?? []))].map((code) => (
            <Country key={code} code={code} />
          ))}
        </Group>
      );
    case 'owner':
      return (
        <Text size="sm" lineClamp={2} lh={1.3}>
          {agreement.owner?.name ?? t('agreement.noOwner')}
        </Text>
      );
    case 'waiting':
      return agreement.waiting ? <WaitingBadge waiting={agreement.waiting} /> : t('common.none');
    case 'signatures':
      return agreement.signatures.wanted > 0
        ? `${agreement.signatures.signed} / ${agreement.signatures.wanted}`
        : t('common.none');
    case 'signed':
      return sayDate(agreement.signedOn) ?? t('common.none');
    case 'due':
      return agreement.due ? <DueBadge due={agreement.due} /> : t('common.none');
  }
}
