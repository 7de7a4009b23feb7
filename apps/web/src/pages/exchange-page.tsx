import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { choices } from '../language/index.js';
import { useAddress } from '../parts/address.js';
import { ChangeCatalogue } from '../parts/exchange/change-catalogue.js';
import { Formats } from '../parts/exchange/formats.js';
import { Sheets } from '../parts/exchange/sheets.js';
import { PageTitle } from '../parts/page-title.js';

/** What comes in and what goes out: sheets, the formats of other houses, and the feed of changes. */
export default function ExchangePage({ roles }: { roles: string[] }) {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  return (
    <>
      <PageTitle title={t('nav.exchange')} subtitle={t('exchange.subtitle')} />
      <Tabs
        value={get('vue') || 'sheets'}
        onChange={(view) => set({ vue: view === 'sheets' || view === null ? undefined : view })}
        keepMounted={false}
      >
        <Tabs.List mb="lg" aria-label={t('exchange.view')}>
          {choices('exchange.views').map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="sheets">
          <Sheets roles={roles} />
        </Tabs.Panel>
        <Tabs.Panel value="formats">
          <Formats roles={roles} />
        </Tabs.Panel>
        <Tabs.Panel value="changes">
          <ChangeCatalogue />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
