import { sayDate } from '../language/index.js';
import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MeetingView } from '#meetings';
import { type Page, read } from '../api.js';
import { Fetched } from '../parts/fetched.js';
import { Country } from '../parts/marks.js';
import { PageTitle } from '../parts/page-title.js';

export default function MeetingsPage() {
  const { t } = useTranslation();
  const meetings = useQuery({
    queryKey: ['meetings'],
    queryFn: () => read<Page<MeetingView>>('meetings', { limit: '200' }),
  });
  return (
    <>
      <PageTitle
        title={t('meetings.title')}
        subtitle={t('meetings.subtitle', { count: meetings.data?.items.length ?? 0 })}
      />
      <Fetched query={meetings}>
        {({ items }) => (
          <Stack gap="sm" maw={900}>
            {items.length === 0 && <Text c="dimmed">{t('meetings.empty')}</Text>}
            {items.map((meeting) => (
              <Meeting key={meeting.id} meeting={meeting} />
            ))}
          </Stack>
        )}
      </Fetched>
    </>
  );
}

function Meeting({ meeting }: { meeting: MeetingView }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder p="md">
      <Group align="flex-start" wrap="nowrap" gap="lg">
        <Text size="sm" fw={600} w={190} style={{ flexShrink: 0 }}>
          {sayDate(meeting.heldOn)}
        </Text>
        <Stack gap={6}>
          {meeting.occasion && <Text fw={600}>{meeting.occasion}</Text>}
          {meeting.participants.map(({ person, name, capacity, country }) => (
            <Group key={person} gap="xs" wrap="nowrap" align="flex-start">
              <Country code={country} />
              <Text size="sm">
                {name}
                {capacity && (
                  <Text span size="sm" c="dimmed">
                    {' '}
                    – {capacity}
                  </Text>
                )}
              </Text>
            </Group>
          ))}
          {meeting.followUps.length > 0 && (
            <Stack gap={4} mt="xs">
              <Text size="xs" c="dimmed">
                {t('meetings.followUps')}
              </Text>
              {meeting.followUps.map(({ followUp, title, countries = [], done }) => (
                <Group key={followUp} gap="xs">
                  <Text size="sm">{title}</Text>
                  {countries.map((country) => (
                    <Country key={country} code={country} />
                  ))}
                  {done && <Badge color="green">{t('meetings.done')}</Badge>}
                </Group>
              ))}
            </Stack>
          )}
        </Stack>
      </Group>
    </Paper>
  );
}
