import { List, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { Section } from './section.js';

/** Since when and until when the agreement binds, because of what; or what is still awaited. */
export function LegalEffect({ legal: { entryIntoForce: force, term } }: { legal: AgreementView['legal'] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('legal.title')}>
      <Stack gap={4}>
        {force?.status === 'determined' && (
          <>
            <Text size="sm" fw={600}>
              {t('legal.on', { date: force.on.text })}
            </Text>
            <Text size="sm" c="dimmed">
              {t(`legal.because.${force.because.what}`, {
                party: force.because.party?.name ?? '',
                date: force.because.on.text,
              })}
            </Text>
          </>
        )}
        {force?.status === 'pending' && (
          <>
            <Text size="sm" fw={600}>
              {t('legal.pending')}
            </Text>
            <List size="sm">
              {force.awaited.map(({ fr }) => (
                <List.Item key={fr}>{fr}</List.Item>
              ))}
            </List>
          </>
        )}
        {term?.until && (
          <Text size="sm">{t(term.renews ? 'legal.renews' : 'legal.ends', { date: term.until.text })}</Text>
        )}
        {term?.noticeBy && <Text size="sm">{t('legal.notice', { date: term.noticeBy.text })}</Text>}
      </Stack>
    </Section>
  );
}
