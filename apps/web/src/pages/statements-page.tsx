import { Paper, Table, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { read } from '../api.js';
import { sayDate } from '../language/index.js';
import { useAddress } from '../parts/address.js';
import { Fetched } from '../parts/fetched.js';
import { Count } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { Tag } from '../parts/tag.js';
import { useStanding } from '../standing.js';

export default function StatementsPage() {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  const { isInDoubt } = useStanding();
  const asOf = get('asOf') || undefined;
  const statements = useQuery({ queryKey: ['statements', asOf], queryFn: () => read('statements', { asOf }) });
  return (
    <>
      <PageTitle title={t('statements.title')} subtitle={t('statements.subtitle')}>
        <TextInput
          type="date"
          label={t('compare.known')}
          value={asOf ?? ''}
          onChange={({ currentTarget }) => set({ asOf: currentTarget.value })}
        />
      </PageTitle>
      <Fetched query={statements}>
        {({ items }) => (
          <Paper withBorder>
            <Table.ScrollContainer minWidth={640}>
              <Table verticalSpacing="sm" horizontalSpacing="md">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('statements.figure')}</Table.Th>
                    <Table.Th>{t('statements.declared')}</Table.Th>
                    <Table.Th>{t('statements.identified')}</Table.Th>
                    <Table.Th>{t('statements.gap')}</Table.Th>
                    <Table.Th>{t('statements.asOf')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {items.map((statement) => (
                    <Table.Tr key={statement.id} data-statement={statement.id}>
                      <Table.Td>
                        <Text size="sm" fw={600}>
                          {statement.title}
                        </Text>
                        {statement.note && (
                          <Text size="xs" c="dimmed">
                            {statement.note}
                          </Text>
                        )}
                      </Table.Td>
                      <Table.Td>{statement.declared ?? t('statements.noFigure')}</Table.Td>
                      <Table.Td>
                        <Count of={statement.identified.count} />
                      </Table.Td>
                      <Table.Td>
                        {statement.gap !== undefined && (
                          // What lists do not have yet is not missing.
                          <Count of={isInDoubt ? 0 : statement.gap}>
                            {statement.gap === 0 ? '0' : <Tag tone="signature">{statement.gap}</Tag>}
                          </Count>
                        )}
                      </Table.Td>
                      <Table.Td>{sayDate(statement.asOf)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </Paper>
        )}
      </Fetched>
    </>
  );
}
