import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useMe } from '../me.js';
import { AnotherLog } from '../parts/consumers/another-log.js';
import { useConsumers } from '../parts/consumers/consumers.js';
import { Followers } from '../parts/consumers/followers.js';
import { SetAside } from '../parts/consumers/set-aside.js';
import { Fetched } from '../parts/fetched.js';
import { PageTitle } from '../parts/page-title.js';

/** Those who follow the log: how each is doing, what is set aside, and what is to become of it. */
export default function ConsumersPage() {
  const { t } = useTranslation();
  const { roles } = useMe();
  if (!roles.includes('administrator')) return <Text c="dimmed">{t('problem.FORBIDDEN')}</Text>;
  return <Consumers />;
}

function Consumers() {
  const { t } = useTranslation();
  const consumers = useConsumers();
  return (
    <>
      <PageTitle title={t('consumers.title')} subtitle={t('consumers.subtitle')} />
      <Stack gap="lg" maw={1040}>
        <Fetched query={consumers}>
          {(all) => {
            const halted = all.filter(({ state }) => state === 'halted');
            return (
              <>
                {halted.length > 0 && <AnotherLog halted={halted} />}
                <SetAside consumers={all} />
                <Followers consumers={all} />
              </>
            );
          }}
        </Fetched>
      </Stack>
    </>
  );
}
