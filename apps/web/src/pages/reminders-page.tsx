import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { PageTitle } from '../parts/page-title.js';
import { Coming } from '../parts/reminders/coming.js';
import { Message, Outbox } from '../parts/reminders/outbox.js';
import { Policies } from '../parts/reminders/policies.js';
import { Preferences } from '../parts/reminders/preferences.js';
import { ReminderTable } from '../parts/reminders/reminder-table.js';

/** What was and will be reminded of, the messages, the rules behind them, and one's own wishes. */
export default function RemindersPage({ roles }: { roles: string[] }) {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const tab = parameters.get('onglet') ?? 'reminders';
  const message = parameters.get('message');
  const set = (changes: Record<string, string | null>) => {
    const next = new URLSearchParams(parameters);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    setParameters(next, { replace: true });
  };
  const read = (id: string | null) => set({ message: id });
  return (
    <>
      <PageTitle title={t('reminders.title')} subtitle={t('reminders.subtitle')} />
      <Tabs value={tab} onChange={(value) => set({ onglet: value, state: null })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="reminders">{t('reminders.tab')}</Tabs.Tab>
          <Tabs.Tab value="coming">{t('reminders.coming')}</Tabs.Tab>
          <Tabs.Tab value="outbox">{t('reminders.outbox')}</Tabs.Tab>
          <Tabs.Tab value="policies">{t('reminders.policies')}</Tabs.Tab>
          <Tabs.Tab value="preferences">{t('reminders.preferences')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="reminders">
          <ReminderTable state={parameters.get('state')} onState={(state) => set({ state })} onRead={read} />
        </Tabs.Panel>
        <Tabs.Panel value="coming">
          <Coming />
        </Tabs.Panel>
        <Tabs.Panel value="outbox">
          <Outbox isAdministrator={roles.includes('administrator')} onRead={read} />
        </Tabs.Panel>
        <Tabs.Panel value="policies">
          <Policies isAdministrator={roles.includes('administrator')} />
        </Tabs.Panel>
        <Tabs.Panel value="preferences">
          <Preferences />
        </Tabs.Panel>
      </Tabs>
      {message && <Message id={message} onClose={() => read(null)} />}
    </>
  );
}
