import { ActionIcon, Button, Group, Text, Title } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { addDays, dateRange } from '#calendar/browser';
import type { MeetingView } from '#meetings';
import type { AgendaItem } from '#reminders';
import { read } from '../../api.js';
import { countryName, formatMonth, sayDate, today, weekdayNames, wordsOf } from '../../language/index.js';
import { useAddress } from '../address.js';
import { Fetched } from '../fetched.js';
import { useMeetings } from '../meetings.js';
import { pageOf } from '../places.js';
import type { AgreementFilters } from './filters.js';

const MOST_A_DAY = 4;

/** A month of deadlines, terms, milestones and follow-ups, of everything that is under way. */
export default function AgreementCalendar({ filters }: { filters: AgreementFilters }) {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  const month = /^\d{4}-\d{2}$/.test(get('mois')) ? get('mois') : today().slice(0, 7);
  const days = daysAround(month);
  const agenda = useQuery({
    queryKey: ['agenda', 'all', month, filters],
    queryFn: () => read('agenda', { ...filters, scope: 'all', from: days[0], until: days.at(-1) }),
    placeholderData: keepPreviousData,
  });
  const meetings = useMeetings();
  const isFiltered = Object.keys(filters).length > 0;
  const held = Map.groupBy(
    isFiltered ? [] : (meetings.data?.items ?? []),
    ({ heldOn }) => dateRange(heldOn.edtf).earliest ?? '',
  );
  return (
    <>
      <Group mb="sm" gap="xs">
        <ActionIcon
          variant="default"
          size="lg"
          aria-label={t('calendar.before')}
          onClick={() => set({ mois: shifted(month, -1) })}
        >
          <IconChevronLeft size={18} className="flips" />
        </ActionIcon>
        <ActionIcon
          variant="default"
          size="lg"
          aria-label={t('calendar.after')}
          onClick={() => set({ mois: shifted(month, 1) })}
        >
          <IconChevronRight size={18} className="flips" />
        </ActionIcon>
        <Button variant="default" onClick={() => set({ mois: undefined })}>
          {t('calendar.today')}
        </Button>
        <Title order={2} size="h4" ms="xs">
          {formatMonth(month)}
        </Title>
      </Group>
      <Fetched query={agenda}>
        {({ items, today: now }) => {
          const byDay = Map.groupBy(
            items.filter(({ isDated }) => isDated),
            ({ day }) => day,
          );
          return (
            <div className="month">
              {weekdayNames.map((name) => (
                <div key={name} className="month-head">
                  {name}
                </div>
              ))}
              {days.map((day) => (
                <div
                  key={day}
                  data-day={day}
                  data-other={day.startsWith(month) ? undefined : ''}
                  data-today={day === now ? '' : undefined}
                >
                  <Text size="xs" c="dimmed">
                    {Number(day.slice(8))}
                  </Text>
                  <Day items={byDay.get(day) ?? []} meetings={held.get(day) ?? []} />
                </div>
              ))}
            </div>
          );
        }}
      </Fetched>
    </>
  );
}

function Day({ items, meetings }: { items: AgendaItem[]; meetings: MeetingView[] }) {
  const { t } = useTranslation();
  return (
    <>
      {meetings.map(({ id, kind, occasion, country }) => (
        <Link key={id} to={pageOf({ kind: 'meeting', id })} className="month-item" data-tone="ratification">
          {occasion ?? t(`meetings.kinds.${kind}`)}
          {country && ` – ${countryName(country)}`}
        </Link>
      ))}
      {items.slice(0, MOST_A_DAY).map((item) => (
        <Link
          key={`${item.subject.id} ${item.sentence.fr}`}
          to={pageOf(item.subject)}
          className="month-item"
          data-tone={item.isOver ? 'late' : item.subject.kind === 'project' ? 'active' : 'signature'}
          title={`${item.subject.title} – ${wordsOf(item.sentence)} (${sayDate(item.date)})`}
        >
          {item.subject.title}
        </Link>
      ))}
      {items.length > MOST_A_DAY && (
        <Text size="xs" c="dimmed">
          {t('today.more', { count: items.length - MOST_A_DAY })}
        </Text>
      )}
    </>
  );
}

/** The days of the weeks, Monday first, that a month touches. */
function daysAround(month: string): string[] {
  const first = `${month}-01`;
  const monday = addDays(first, -((new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7));
  const weeks =
    shifted(month, 1) <= addDays(monday, 35).slice(0, 7) && addDays(monday, 35) >= `${shifted(month, 1)}-01` ? 5 : 6;
  return Array.from({ length: weeks * 7 }, (_, index) => addDays(monday, index));
}

const shifted = (month: string, by: number): string => {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
};
