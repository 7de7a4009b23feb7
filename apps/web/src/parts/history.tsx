import { Anchor, Group, Stack, Text, Timeline } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { HistoryEntry, RelatedEvent } from '#audit';
import type { Labels } from '#lifecycle';
import { read } from '../api.js';
import { eventName, formatInstant, formatMoney, sayDate, wordsOf } from '../language/index.js';
import { Changes } from './changes.js';
import { Fetched } from './fetched.js';
import { useLifecycles } from './lifecycles.js';
import { pageOf } from './places.js';
import { Section } from './section.js';

/** What the history calls things: ids with the names that the page knows. */
export type Names = Record<string, string>;

/** Something that has a history. */
export interface Subject {
  kind: 'agreements' | 'projects';
  id: string;
}

/** The history of a subject as a story: what, when it took effect, who recorded it and when, because of what. */
export function History({ of, names, asOf }: { of: Subject; names: Names; asOf?: string | undefined }) {
  const { t } = useTranslation();
  const history = useHistory(of);
  const sentence = useSentences();
  return (
    <Section title={t('agreement.history')}>
      <Fetched query={history}>
        {({ items }) => {
          const known = items.filter(({ recordedAt }) => asOf === undefined || recordedAt <= asOf);
          if (known.length === 0) return <Text c="dimmed">{t('history.empty')}</Text>;
          return (
            <Timeline bulletSize={14} lineWidth={2} active={known.length}>
              {known.map((entry, index) => (
                <Timeline.Item key={entry.id} title={sentence(entry, names)} data-event={entry.type}>
                  <Changes entry={entry} earlier={known.slice(index + 1)} />
                  <Entry entry={entry} names={names} />
                </Timeline.Item>
              ))}
            </Timeline>
          );
        }}
      </Fetched>
    </Section>
  );
}

/** The latest two hundred events of a subject. */
export const useHistory = ({ kind, id }: Subject) =>
  useQuery({
    queryKey: [kind, id, 'history'],
    queryFn: () => read(`${kind}/{id}/history`, { id, limit: '200' }),
  });

/** Who did something: a person, or a part of the system by what it does. */
export function useActors(): (actor: HistoryEntry['actor']) => string {
  const { t } = useTranslation();
  return ({ kind, id, name }) =>
    kind === 'system' ? t(`history.actor.${id}`, { nsSeparator: '\u0000', defaultValue: id }) : name;
}

export function Entry({ entry, names }: { entry: HistoryEntry; names: Names }) {
  const { t } = useTranslation();
  const actorOf = useActors();
  const { reason, note } = entry.data as { reason?: string; note?: string };
  return (
    <Stack gap={2}>
      <Text size="sm">{sayDate(entry.effectiveOn)}</Text>
      {reason && !entry.type.startsWith('Reminder') && <Text size="sm">{t('history.reason', { reason })}</Text>}
      {note && <Text size="sm">{note}</Text>}
      {entry.cause && (
        <Group gap={4}>
          <Text size="sm">{t('history.because')}</Text>
          <RelatedLink event={entry.cause} names={names} />
        </Group>
      )}
      {entry.consequences.length > 0 && (
        <Group gap={8}>
          <Text size="sm">{t('history.ledTo')}</Text>
          {gathered(entry.consequences).map((event) => (
            <RelatedLink key={event.id} event={event} names={names} />
          ))}
        </Group>
      )}
      <Text size="xs" c="dimmed">
        {t('history.recorded', { date: formatInstant(entry.recordedAt), actor: actorOf(entry.actor) })}
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

function RelatedLink({ event, names }: { event: RelatedEvent; names: Names }) {
  const words = `${eventName(event.type)}${event.category === 'reminder' ? '' : ` (${names[event.subject] ?? event.subject}, ${sayDate(event.effectiveOn)})`}`;
  return (
    <Anchor component={Link} to={pageOf({ kind: event.category, id: event.subject })} size="sm">
      {words}
    </Anchor>
  );
}

/** What the lifecycles call their stages and visas. */
const useLifecycleNames = (): Names => {
  const lifecycles = useLifecycles();
  return Object.fromEntries(
    (lifecycles.data?.items ?? [])
      .flatMap(({ definition }) => [...definition.stages, ...(definition.visas ?? [])])
      .map(({ id, labels }) => [id, wordsOf(labels)]),
  );
};

/** Says an event as a sentence, made from what it says when it is read. */
export function useSentences(): (entry: Pick<HistoryEntry, 'type' | 'data'>, names?: Names) => string {
  const { t } = useTranslation();
  const ofLifecycles = useLifecycleNames();
  return ({ type, data }, names = {}) => {
    const said = data as Record<string, string | undefined>;
    const named = (id: unknown) => (typeof id === 'string' ? (names[id] ?? ofLifecycles[id] ?? id) : '');
    const { labels, to } = data as { labels?: Labels; to?: { version?: number } };
    return t(`event.${type}`, {
      ...said,
      context: said.form,
      task: wordsOf(labels),
      stage: named(said.to ?? said.stage),
      version: String(to?.version ?? ''),
      party: named(said.party),
      project: named(said.project),
      agreement: named(said.agreement),
      milestone: named(said.milestone),
      by: named(said.by),
      visa: named(said.visa),
      organisation: said.organisation ? named(said.organisation) : t('project.toDesignate'),
      role: said.role ? t(`role.${said.role}`) : '',
      amount: said.amount ? formatMoney(said.amount, said.currency) : t('project.noAmount'),
      currency: '',
      defaultValue: type,
    });
  };
}
