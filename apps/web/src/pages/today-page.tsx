import { Anchor, Grid, Group, Stack, Text } from '@mantine/core';
import { IconChecks } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AgendaItem } from '#reminders';
import { read } from '../api.js';
import { formatDay, formatInstant, sayDate, wordsOf } from '../language/index.js';
import { lastVisit, useMe } from '../me.js';
import { Fetched } from '../parts/fetched.js';
import { None } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { pageOf } from '../parts/places.js';
import { Section } from '../parts/section.js';
import { Tag } from '../parts/tag.js';
import { useSentences } from '../parts/words.js';

const MOST_SHOWN = 12;
const WEEK = '7';

/** What waits for me, what changed, what goes out next, what falls due: the page for the first coffee. */
export default function TodayPage() {
  const { t } = useTranslation();
  const { name } = useMe();
  const agenda = useQuery({
    queryKey: ['agenda', 'mine'],
    queryFn: () => read('agenda'),
  });
  return (
    <>
      <PageTitle
        title={t('today.title')}
        subtitle={agenda.data && t('today.subtitle', { name, date: formatDay(agenda.data.today) })}
      />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Fetched query={agenda}>{({ items, today }) => <Waiting items={items} today={today} />}</Fetched>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="lg">
            <Changed />
            {agenda.data && <Deadlines items={agenda.data.items} today={agenda.data.today} />}
            <GoesOut />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

/** What is late comes first, then what is to be done, then what merely lies with me. */
function Waiting({ items, today }: { items: AgendaItem[]; today: string }) {
  const { t } = useTranslation();
  const late = items.filter(({ isOver }) => isOver);
  const open = items.filter(({ isOver, isDated, day }) => !isOver && (!isDated || day === today));
  const toDo = open.filter(({ occasion }) => occasion !== 'idle');
  const lying = open.filter(({ occasion }) => occasion === 'idle');
  if (late.length + open.length === 0) {
    return (
      <Section title={t('today.waiting')}>
        <None c={undefined}>
          <Group>
            <IconChecks aria-hidden />
            {t('today.nothing')}
          </Group>
        </None>
      </Section>
    );
  }
  return (
    <Stack gap="lg">
      {late.length > 0 && <Tasks title={t('today.late')} items={late} />}
      {toDo.length > 0 && <Tasks title={t('today.toDo')} items={toDo} />}
      {lying.length > 0 && <Tasks title={t('today.lying')} items={lying} />}
    </Stack>
  );
}

function Tasks({ title, items }: { title: string; items: AgendaItem[] }) {
  const { t } = useTranslation();
  const bySubject = [...Map.groupBy(items, ({ subject }) => `${subject.kind} ${subject.id}`).values()];
  return (
    <Section title={title} count={bySubject.length}>
      {bySubject.slice(0, MOST_SHOWN).map((ofOne) => {
        const { subject } = ofOne[0]!;
        return (
          <Link key={subject.id} to={pageOf(subject)} className="row-link" data-task={subject.id}>
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <Stack gap={2} style={{ minWidth: 0 }}>
                <Text fw={600} size="sm">
                  {subject.title}
                </Text>
                {ofOne.slice(0, 3).map((item) => (
                  <Text key={`${item.occasion}-${item.sentence.fr}`} size="sm" c="dimmed">
                    {wordsOf(item.sentence)}
                    {item.waitingFor.length > 0 && ` ${t('reminders.waitingFor', { who: item.waitingFor.join(', ') })}`}
                  </Text>
                ))}
                {ofOne.length > 3 && (
                  <Text size="xs" c="dimmed">
                    {t('today.more', { count: ofOne.length - 3 })}
                  </Text>
                )}
              </Stack>
              {ofOne.some(({ isOver }) => isOver) && <Tag tone="late">{t('agreements.overdue')}</Tag>}
            </Group>
          </Link>
        );
      })}
      {bySubject.length > MOST_SHOWN && (
        <Text size="sm" c="dimmed" px="sm" pt="xs">
          {t('today.more', { count: bySubject.length - MOST_SHOWN })}
        </Text>
      )}
    </Section>
  );
}

function Changed() {
  const { t } = useTranslation();
  const sentence = useSentences();
  const story = useQuery({
    queryKey: ['story', 'changed', lastVisit],
    queryFn: () => read('audit/events', { category: 'agreement,project,meeting', limit: '8', from: lastVisit }),
  });
  return (
    <Section title={lastVisit ? t('today.changed') : t('today.recent')}>
      <Fetched query={story}>
        {({ items, names }) =>
          items.length === 0 ? (
            <None size="sm">{t('today.unchanged')}</None>
          ) : (
            <Stack gap="sm">
              {items.map((entry) => (
                <Stack key={entry.id} gap={0}>
                  <Anchor
                    component={Link}
                    to={pageOf({ kind: entry.category, id: entry.subject })}
                    size="sm"
                    fw={600}
                    lineClamp={1}
                  >
                    {entry.title}
                  </Anchor>
                  <Text size="sm">{sentence(entry, names)}</Text>
                  <Text size="xs" c="dimmed">
                    {formatInstant(entry.recordedAt)}
                  </Text>
                </Stack>
              ))}
              <Anchor component={Link} to="/audit" size="sm">
                {t('today.allChanges')}
              </Anchor>
            </Stack>
          )
        }
      </Fetched>
    </Section>
  );
}

function Deadlines({ items, today }: { items: AgendaItem[]; today: string }) {
  const { t } = useTranslation();
  const coming = items.filter(({ isDated, day }) => isDated && day > today);
  return (
    <Section title={t('today.deadlines')}>
      {coming.length === 0 && <None size="sm">{t('today.noDeadlines')}</None>}
      <Stack gap="sm">
        {coming.slice(0, MOST_SHOWN).map((item) => (
          <Stack key={`${item.subject.id}-${item.occasion}-${item.day}-${item.sentence.fr}`} gap={0}>
            <Text size="xs" c="dimmed">
              {sayDate(item.date)}
            </Text>
            <Anchor component={Link} to={pageOf(item.subject)} size="sm" lineClamp={1}>
              {item.subject.title}
            </Anchor>
            <Text size="sm">{wordsOf(item.sentence)}</Text>
          </Stack>
        ))}
      </Stack>
    </Section>
  );
}

function GoesOut() {
  const { t } = useTranslation();
  const coming = useQuery({
    queryKey: ['reminders', 'preview', WEEK],
    queryFn: () => read('reminders/preview', { days: WEEK }),
  });
  return (
    <Section title={t('today.goesOut')}>
      <Fetched query={coming}>
        {({ items }) =>
          items.length === 0 ? (
            <None size="sm">{t('reminders.noneComing')}</None>
          ) : (
            <Stack gap="sm">
              {items.slice(0, 6).map((item) => (
                <Stack key={item.id} gap={0}>
                  <Text size="xs" c="dimmed">
                    {formatDay(item.dueAt)} · {item.recipient.name}
                  </Text>
                  <Anchor component={Link} to={pageOf(item.subject)} size="sm" lineClamp={1}>
                    {item.subject.title}
                  </Anchor>
                </Stack>
              ))}
              <Anchor component={Link} to="/rappels?onglet=coming" size="sm">
                {t('today.allReminders')}
              </Anchor>
            </Stack>
          )
        }
      </Fetched>
    </Section>
  );
}
