import { Anchor, Code, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { read } from '../../api.js';
import { eventName } from '../../language/index.js';
import { DataTable } from '../data-table.js';
import { Fetched } from '../fetched.js';
import { Section } from '../section.js';

/** What the pages call an event; its own name for those of which only is told that they happened. */
const nameOf = (event: string): string => {
  const said = eventName(event);
  return said === `event.${event}` ? event : said;
};

/** Every type of change that is told, with the fields of its data: generated from what the log is written by. */
export function ChangeCatalogue() {
  const { t } = useTranslation();
  const catalogue = useQuery({ queryKey: ['events'], queryFn: () => read('events') });
  return (
    <Stack>
      <Text maw={760}>{t('exchange.changesHint')}</Text>
      <Anchor href="/api/v1/events/asyncapi.json" target="_blank">
        {t('exchange.asyncApi')}
      </Anchor>
      <Fetched query={catalogue}>
        {({ items }) => (
          <Section title={t('exchange.views.changes')} count={items.length}>
            <DataTable heads={[t('exchange.event'), t('exchange.type'), t('exchange.fields')]}>
              {items.map(({ type, name, data }) => (
                <Table.Tr key={type}>
                  <Table.Td>{nameOf(name)}</Table.Td>
                  <Table.Td>
                    <Code dir="ltr">{type}</Code>
                  </Table.Td>
                  <Table.Td>
                    <Text size="sm" c="dimmed" dir="ltr">
                      {Object.keys((data as { properties?: object }).properties ?? {}).join(', ')}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </DataTable>
          </Section>
        )}
      </Fetched>
    </Stack>
  );
}
