import { Anchor, Group, Stack, Text, Timeline } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { HistoryEntry, RelatedEvent } from '#audit';
import type { Labels } from '#lifecycle';
import { type Page, read } from '../api.js';
import { formatInstant, formatMoney, sayDate, wordsOf } from '../language/index.js';
import { Fetched } from './fetched.js';
import { Section } from './section.js';

/** What the history calls things: ids with the names that the page knows. */
export type Names = Record<string, string>;

/** The history of a subject as a story: what, when it took effect, who recorded it and when, because of what. */
export function History({ path, names }: { path: string; names: Names }) {
  const { t } = useTranslation();
  const history = useQuery({
    queryKey: [path, 'history'],
    queryFn: () => read<Page<HistoryEntry>>(`${path}/history`, { limit: '200' }),
    refetchInterval: 15_000,
  });
  return (
    <Section title={t('agreement.history')}>
      <Fetched query={history}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('history.empty')}</Text>
          ) : (
            <Timeline bulletSize={14} lineWidth={2} active={items.length}>
              {items.map((entry) => (
                <Timeline.Item key={entry.id} title={sentence(t, entry, names)} data-event={entry.type}>
                  <Entry entry={entry} />
                </Timeline.Item>
              ))}
            </Timeline>
          )
        }
      </Fetched>
    </Section>
  );
}

function Entry({ entry }: { entry: HistoryEntry }) {
  const { t } = useTranslation();
  const { reason, note } = entry.data as { reason?: string; note?: string };
  const actor =
    entry.actor.kind === 'system'
      ? t(`history.actor.${entry.actor.id}`, { nsSeparator: '\u0000', defaultValue: entry.actor.id })
      : entry.actor.name;
  return (
    <Stack gap={2}>
      <Text size="sm">{sayDate(entry.effectiveOn)}</Text>
      {reason && !entry.type.startsWith('Reminder') && <Text size="sm">{t('history.reason', { reason })}</Text>}
      {note && <Text size="sm">{note}</Text>}
      {entry.cause && (
        <Group gap={4}>
          <Text size="sm">{t('history.because')}</Text>
          <RelatedLink event={entry.cause} />
        </Group>
      )}
      {entry.consequences.length > 0 && (
        <Group gap={8}>
          <Text size="sm">{t('history.ledTo')}</Text>
          {gathered(entry.consequences).map((event) => (
            <RelatedLink key={event.id} event={event} />
          ))}
        </Group>
      )}
      <Text size="xs" c="dimmed">
        {t('history.recorded', { date: formatInstant(entry.recordedAt), actor })}
      </Text>
    </Stack>
  );
}

/** A reminder cancelled and scheduled anew by the same event is one thing to a reader: it was put off. */
function gathered(events: RelatedEvent[]): RelatedEvent[] {
  const scheduled = events.find(({ type }) => type === 'ReminderScheduled');
  if (!scheduled || !events.some(({ type }) => type === 'ReminderCancelled')) return events;
  return [...events.filter(({ category }) => category !== 'reminder'), { ...scheduled, type: 'ReminderPutOff' }];
}

const PLACES: Record<string, (subject: string) => string> = {
  agreement: (id) => `/accords/${id}`,
  project: (id) => `/projets/${id}`,
  reminder: () => '/rappels',
};

function RelatedLink({ event }: { event: RelatedEvent }) {
  const { t } = useTranslation();
  const words = `${t(`event.${event.type}`)}${event.category === 'reminder' ? '' : ` (${event.subject}, ${sayDate(event.effectiveOn)})`}`;
  const place = PLACES[event.category];
  return place ? (
    <Anchor component={Link} to={place(event.subject)} size="sm">
      {words}
    </Anchor>
  ) : (
    <Text size="sm">{words}</Text>
  );
}

/** An event as a sentence, made from what it says when it is read. */
function sentence(t: TFunction, { type, data }: HistoryEntry, names: Names): string {
  const said = data as Record<string, string | undefined>;
  const named = (id: unknown) => (typeof id === 'string' ? (names[id] ?? id) : '');
  const stage = said.to ?? said.stage;
  const { labels } = data as { labels?: Labels };
  return t(`event.${type}`, {
    ...said,
    context: said.form,
    task: wordsOf(labels),
    stage: named(stage),
    version: String((data as { to?: { version?: number } }).to?.version ?? ''),
    party: named(said.party),
    project: named(said.project),
    milestone: named(said.milestone),
    by: named(said.by),
    visa: named(said.visa),
    organisation: said.organisation ? named(said.organisation) : t('project.toDesignate'),
    role: said.role ? t(`role.${said.role}`) : '',
    amount: said.amount ? formatMoney(said.amount, said.currency) : t('project.noAmount'),
    currency: '',
    defaultValue: type,
  });
}
