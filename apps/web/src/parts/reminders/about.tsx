import { Anchor, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ForeseenReminder } from '#reminders';
import { wordsOf } from '../../language/index.js';

const PLACES = {
  agreement: (id: string) => `/accords/${id}`,
  project: (id: string) => `/projets/${id}`,
  meeting: () => '/rencontres',
  consumer: () => '/consumers',
};

type About = Pick<ForeseenReminder, 'subject' | 'sentence' | 'waitingFor' | 'rule'>;

/** What a reminder is about, and why there is one. */
export function AboutReminder({ reminder: { subject, sentence, waitingFor, rule } }: { reminder: About }) {
  const { t } = useTranslation();
  return (
    <Stack gap={2}>
      <Anchor component={Link} to={PLACES[subject.kind](subject.id)} size="sm">
        {subject.title}
      </Anchor>
      <Text size="sm">{wordsOf(sentence)}</Text>
      {waitingFor.length > 0 && (
        <Text size="xs" c="dimmed">
          {t('reminders.waitingFor', { who: waitingFor.join(', ') })}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {t('reminders.byRule', { rule: t(`reminders.rules.${rule}`, { defaultValue: rule }) })}
      </Text>
    </Stack>
  );
}

/** Who is reminded: a person, or all who hold a role or an office. */
export function Recipient({ recipient }: { recipient: { id: string; name: string } }) {
  const { t } = useTranslation();
  const [kind, name] = recipient.id.split(':');
  if (name === undefined) return <Text size="sm">{recipient.name}</Text>;
  return (
    <Text size="sm">
      {t(`reminders.recipients.${kind}`, { name: t(`reminders.names.${name}`, { defaultValue: name }) })}
    </Text>
  );
}
