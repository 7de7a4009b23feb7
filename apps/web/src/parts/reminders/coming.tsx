import { Paper, SegmentedControl, Stack, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { read } from '../../api.js';
import { formatDay } from '../../language/index.js';
import { Fetched } from '../fetched.js';
import { None } from '../none.js';
import { AboutReminder, Recipient } from './about.js';

/** What goes out in the next days if nothing happens before, and why. */
export function Coming() {
  const { t } = useTranslation();
  const [days, setDays] = useState('30');
  const coming = useQuery({
    queryKey: ['reminders', 'preview', days],
    queryFn: () => read('reminders/preview', { days }),
  });
  return (
    <Stack>
      <SegmentedControl
        w="fit-content"
        maw="100%"
        style={{ flexWrap: 'wrap' }}
        value={days}
        onChange={setDays}
        data={['7', '30', '90', '365'].map((value) => ({
          value,
          label: t('reminders.days', { count: Number(value) }),
        }))}
      />
      <Fetched query={coming}>
        {({ items }) =>
          items.length === 0 ? (
            <None>{t('reminders.noneComing')}</None>
          ) : (
            <Paper withBorder>
              <Table.ScrollContainer minWidth={640}>
                <Table verticalSpacing="sm" horizontalSpacing="md">
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('reminders.due')}</Table.Th>
                      <Table.Th>{t('reminders.about')}</Table.Th>
                      <Table.Th>{t('reminders.recipient')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {items.map((item) => (
                      <Table.Tr key={item.id} data-coming={item.subject.id}>
                        <Table.Td>{formatDay(item.dueAt)}</Table.Td>
                        <Table.Td>
                          <AboutReminder reminder={item} />
                        </Table.Td>
                        <Table.Td>
                          <Recipient recipient={item.recipient} />
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
            </Paper>
          )
        }
      </Fetched>
    </Stack>
  );
}
