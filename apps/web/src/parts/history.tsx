import { Anchor, Group, Stack, Text, Timeline } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { HistoryEntry, RelatedEvent } from '#audit';
import { read } from '../api.js';
import { eventName, formatInstant, sayDate, spoken } from '../language/index.js';
import { isAuditor, useMe } from '../me.js';
import { ShowChain } from './chain.js';
import { Changes } from './changes.js';
import { Fetched } from './fetched.js';
import { None } from './none.js';
import { pageOf } from './places.js';
import { Section } from './section.js';
import { type Names, useActors, useSentences } from './words.js';

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
    <Section title={t('agreement.history')} actions={<Evidence of={of} />}>
      <Fetched query={history}>
        {({ items }) => {
          const known = items.filter(({ recordedAt }) => asOf === undefined || recordedAt <= asOf);
          if (known.length === 0) return <None>{t('history.empty')}</None>;
          return (
            <Timeline bulletSize={14} lineWidth={2} active={known.length}>
              {known.map((entry) => (
                <Timeline.Item key={entry.id} title={sentence(entry, names)} data-event={entry.type}>
                  <Changes entry={entry} names={names} />
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

/** What an auditor takes away of a subject, and the way to its two moments. */
function Evidence({ of: { kind, id } }: { of: Subject }) {
  const { t } = useTranslation();
  const { roles } = useMe();
  const one = kind === 'agreements' ? 'agreement' : 'project';
  return (
    <Group gap="md" className="no-print">
      <Anchor component={Link} to={`/comparer/${one}/${encodeURIComponent(id)}`} size="sm">
        {t('compare.link')}
      </Anchor>
      {isAuditor(roles) && (
        <Anchor href={`/api/v1/audit/bundle?${one}=${encodeURIComponent(id)}&language=${spoken}`} size="sm">
          {t('audit.bundle')}
        </Anchor>
      )}
    </Group>
  );
}

/** The latest two hundred events of a subject. */
export const useHistory = ({ kind, id }: Subject) =>
  useQuery({
    queryKey: [kind, id, 'history'],
    queryFn: () => read(`${kind}/{id}/history`, { id, limit: '200' }),
  });

export function Entry({ entry, names }: { entry: HistoryEntry; names: Names }) {
  const { t } = useTranslation();
  const sayActor = useActors();
  const { roles = [] } = entry.actor;
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
      {(entry.cause || entry.consequences.length > 0) && <ShowChain event={entry} names={names} />}
      {entry.consequences.length > 0 && (
        <Group gap={8}>
          <Text size="sm">{t('history.ledTo')}</Text>
          {gathered(entry.consequences).map((event) => (
            <RelatedLink key={event.id} event={event} names={names} />
          ))}
        </Group>
      )}
      <Text size="xs" c="dimmed">
        {t('history.recorded', { date: formatInstant(entry.recordedAt), actor: sayActor(entry.actor) })}
        {roles.length > 0 && ` (${roles.map((role) => t(`userRole.${role}`)).join(', ')})`}
        {entry.source &&
          entry.source.kind !== 'browser' &&
          `, ${t(`source.${entry.source.kind}`, { ...entry.source })}`}
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
