import { Button, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { read } from '../../api.js';
import { choices, spoken } from '../../language/index.js';
import { DataTable } from '../data-table.js';
import { Fetched } from '../fetched.js';
import { Section } from '../section.js';
import { Tag } from '../tag.js';

const TONES = { new: 'active', changed: 'signature', unchanged: 'plain', refused: 'late' } as const;

/** What becomes, or became, of each row, those that are refused first. */
export function SheetRows({ id, columns }: { id: string; columns: string }) {
  const { t } = useTranslation();
  const [fate, setFate] = useState('');
  const rows = useInfiniteQuery({
    queryKey: ['uploads', id, 'rows', columns, fate],
    queryFn: ({ pageParam }) =>
      read('uploads/{id}/rows', { id, fromLine: String(pageParam), language: spoken, ...(fate && { fate }) }),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
  });
  return (
    <Section
      title={t('exchange.rows')}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t('exchange.outcome')}
          data={[{ value: '', label: t('exchange.all') }, ...choices('exchange.fates')]}
          value={fate}
          onChange={setFate}
        />
      }
    >
      <Fetched query={rows}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <Text c="dimmed">{t('exchange.noRows')}</Text>;
          return (
            <Stack>
              <DataTable
                heads={[
                  t('exchange.line'),
                  t('exchange.reference'),
                  t('exchange.title'),
                  t('exchange.fate'),
                  t('exchange.remarks'),
                ]}
                minWidth={720}
              >
                {items.map((row) => (
                  <Table.Tr key={row.line}>
                    <Table.Td>{row.line}</Table.Td>
                    <Table.Td>{row.id}</Table.Td>
                    <Table.Td>{row.title}</Table.Td>
                    <Table.Td>
                      <Tag tone={TONES[row.fate]}>{t(`exchange.fates.${row.fate}`)}</Tag>
                    </Table.Td>
                    <Table.Td>
                      {row.problems.map(({ message, isRemark }) => (
                        <Text key={message} size="sm" {...(isRemark ? { c: 'dimmed' } : {})}>
                          {message}
                        </Text>
                      ))}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </DataTable>
              {rows.hasNextPage && (
                <Button variant="default" onClick={() => rows.fetchNextPage()} loading={rows.isFetchingNextPage}>
                  {t('common.more')}
                </Button>
              )}
            </Stack>
          );
        }}
      </Fetched>
    </Section>
  );
}
