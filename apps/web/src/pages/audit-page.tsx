import { Anchor, Button, Group, MultiSelect, Paper, Select, Stack, Text, TextInput, Timeline } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { read } from '../api.js';
import { choices } from '../language/index.js';
import { useAddress } from '../parts/address.js';
import { Fetched } from '../parts/fetched.js';
import { Entry } from '../parts/history.js';
import { PageTitle } from '../parts/page-title.js';
import { pageOf } from '../parts/places.js';
import { useUsers } from '../parts/users.js';
import { useSentences } from '../parts/words.js';

/** What happened to everything, the latest first: who, when recorded, when effective, because of what. */
export default function AuditPage() {
  const { t } = useTranslation();
  const { get, list, set } = useAddress();
  const users = useUsers();
  const sentence = useSentences();
  const filters = {
    category: list('category').join(',') || 'agreement,project,programme,organisation,person,meeting,statement',
    actor: get('actor') || undefined,
    from: get('from') || undefined,
    until: get('until') || undefined,
  };
  const story = useInfiniteQuery({
    queryKey: ['story', filters],
    queryFn: ({ pageParam }) => read('audit/events', { ...filters, limit: '50', cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  });
  return (
    <>
      <PageTitle title={t('nav.audit')} subtitle={t('audit.subtitle')} />
      <Group mb="lg" align="flex-end" className="no-print">
        <MultiSelect
          label={t('audit.about')}
          data={choices('audit.categories')}
          value={list('category')}
          onChange={(values) => set({ category: values })}
          clearable
          w={300}
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
      </Group>
      <Fetched query={story}>
        {({ pages }) => {
          const entries = pages.flatMap(({ items }) => items);
          const names = Object.assign({}, ...pages.map((page) => page.names));
          if (entries.length === 0) return <Text c="dimmed">{t('audit.nothing')}</Text>;
          return (
            <Paper withBorder p="lg" maw={960}>
              <Timeline bulletSize={14} lineWidth={2} active={entries.length}>
                {entries.map((entry) => (
                  <Timeline.Item key={entry.id} title={sentence(entry, names)} data-event={entry.type}>
                    <Stack gap={2}>
                      <Anchor component={Link} to={pageOf({ kind: entry.category, id: entry.subject })} size="sm">
                        {entry.title}
                      </Anchor>
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
