import {
  Anchor,
  Button,
  Group,
  Menu,
  MultiSelect,
  Paper,
  Select,
  Stack,
  Tabs,
  Text,
  TextInput,
  Timeline,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { read } from '../api.js';
import { choices, countryName, spoken } from '../language/index.js';
import { isAuditor } from '../me.js';
import { useAddress } from '../parts/address.js';
import { Attempts } from '../parts/audit/attempts.js';
import { Proofs } from '../parts/audit/proofs.js';
import { Changes } from '../parts/changes.js';
import { Fetched } from '../parts/fetched.js';
import { Entry } from '../parts/history.js';
import { None } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { pageOf } from '../parts/places.js';
import { useUsers } from '../parts/users.js';
import { useSentences } from '../parts/words.js';

/** What happened to everything, what proves it, and what was refused. */
export default function AuditPage({ roles }: { roles: string[] }) {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  return (
    <>
      <PageTitle title={t('nav.audit')} subtitle={t('audit.subtitle')} />
      <Tabs
        value={get('vue') || 'story'}
        onChange={(view) => set({ vue: view === 'story' || view === null ? undefined : view })}
        keepMounted={false}
      >
        <Tabs.List mb="lg" aria-label={t('audit.view')} className="no-print">
          {choices('audit.views').map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="story">
          <StoryOfEverything />
        </Tabs.Panel>
        <Tabs.Panel value="proofs">
          <Proofs roles={roles} />
        </Tabs.Panel>
        <Tabs.Panel value="attempts">
          {isAuditor(roles) ? <Attempts /> : <Text c="dimmed">{t('audit.onlyAuditors')}</Text>}
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** The latest first: who, when recorded, when effective, because of what. */
function StoryOfEverything() {
  const { t } = useTranslation();
  const { get, list, set } = useAddress();
  const users = useUsers();
  const sentence = useSentences();
  const [words] = useDebouncedValue(get('q'), 250);
  const programmes = useQuery({ queryKey: ['programmes'], queryFn: () => read('programmes') });
  const facets = useQuery({ queryKey: ['facets', 'countries'], queryFn: () => read('agreements/facets') });
  const filters = {
    category: list('category').join(',') || 'agreement,project,programme,organisation,person,meeting,statement',
    actor: get('actor') || undefined,
    from: get('from') || undefined,
    until: get('until') || undefined,
    programme: get('programme') || undefined,
    country: get('country') || undefined,
    event: get('event') || undefined,
    q: words.trim() || undefined,
  };
  const address = new URLSearchParams(
    Object.entries(filters).filter((one): one is [string, string] => one[1] !== undefined),
  );
  const story = useInfiniteQuery({
    queryKey: ['story', filters],
    queryFn: ({ pageParam }) => read('audit/events', { ...filters, limit: '50', cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  });
  return (
    <>
      <Group mb="lg" align="flex-end" className="no-print">
        <TextInput
          label={t('audit.words')}
          value={get('q')}
          onChange={({ currentTarget }) => set({ q: currentTarget.value })}
          w={180}
        />
        <MultiSelect
          label={t('audit.about')}
          data={choices('audit.categories')}
          value={list('category')}
          onChange={(values) => set({ category: values })}
          clearable
          w={260}
        />
        <Select
          label={t('audit.by')}
          data={(users.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={get('actor') || null}
          onChange={(value) => set({ actor: value ?? undefined })}
          searchable
          clearable
          w={220}
        />
        <Select
          label={t('audit.programme')}
          data={(programmes.data?.items ?? []).map(({ id, title }) => ({ value: id, label: title }))}
          value={get('programme') || null}
          onChange={(value) => set({ programme: value ?? undefined })}
          searchable
          clearable
          w={220}
        />
        <Select
          label={t('audit.country')}
          data={(facets.data?.country ?? []).map(({ value }) => ({ value, label: countryName(value) }))}
          value={get('country') || null}
          onChange={(value) => set({ country: value ?? undefined })}
          searchable
          clearable
          w={180}
        />
        <TextInput
          type="date"
          label={t('preferences.from')}
          value={get('from')}
          onChange={({ currentTarget }) => set({ from: currentTarget.value })}
        />
        <TextInput
          type="date"
          label={t('audit.before')}
          value={get('until')}
          onChange={({ currentTarget }) => set({ until: currentTarget.value })}
        />
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" leftSection={<IconDownload size={16} />}>
              {t('audit.take')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {(['csv', 'jsonl', 'pdf'] as const).map((format) => (
              <Menu.Item
                key={format}
                component="a"
                href={`/api/v1/audit/events/export?${address}&format=${format}&language=${spoken}`}
              >
                {t(`audit.${format}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
      <Fetched query={story}>
        {({ pages }) => {
          const entries = pages.flatMap(({ items }) => items);
          const names = Object.assign({}, ...pages.map((page) => page.names));
          if (entries.length === 0) return <None>{t('audit.nothing')}</None>;
          return (
            <Paper withBorder p="lg" maw={960}>
              <Timeline bulletSize={14} lineWidth={2} active={entries.length}>
                {entries.map((entry) => (
                  <Timeline.Item key={entry.id} title={sentence(entry, names)} data-event={entry.type}>
                    <Stack gap={2}>
                      <Anchor component={Link} to={pageOf({ kind: entry.category, id: entry.subject })} size="sm">
                        {entry.title}
                      </Anchor>
                      <Changes entry={entry} names={names} />
                      <Entry entry={entry} names={names} />
                    </Stack>
                  </Timeline.Item>
                ))}
              </Timeline>
              {story.hasNextPage && (
                <Button
                  variant="default"
                  mt="md"
                  loading={story.isFetchingNextPage}
                  onClick={() => story.fetchNextPage()}
                >
                  {t('common.more')}
                </Button>
              )}
            </Paper>
          );
        }}
      </Fetched>
    </>
  );
}
