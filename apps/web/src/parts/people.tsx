import { Anchor, Badge, Button, Group, Table, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, read } from '../api.js';
import { Fetched } from './fetched.js';
import { ReasonDialog } from './reason-dialog.js';
import { Section } from './section.js';
import { useCommand } from './use-command.js';

const MOST_SHOWN = 50;

/** Who is on record: all of it for the person who asks, and the end of it. */
export function People() {
  const { t } = useTranslation();
  const people = useQuery({ queryKey: ['people'], queryFn: () => read('people') });
  const [words, setWords] = useState('');
  const [leaving, setLeaving] = useState<{ id: string; name: string }>();
  const erase = useCommand(t('administration.erased'), () => setLeaving(undefined));
  return (
    <Section title={t('administration.people')}>
      <TextInput
        label={t('administration.findPerson')}
        value={words}
        onChange={({ currentTarget }) => setWords(currentTarget.value)}
        mb="md"
        maw={320}
      />
      <Fetched query={people}>
        {({ items }) => (
          <Table.ScrollContainer minWidth={560}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('administration.name')}</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>{t('common.actions')}</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items
                  .filter(({ name, email = '' }) => `${name} ${email}`.toLowerCase().includes(words.toLowerCase()))
                  .slice(0, MOST_SHOWN)
                  .map(({ id, name, email, user, erased }) => (
                    <Table.Tr key={id} data-person={id}>
                      <Table.Td>
                        <Group gap="xs">
                          <Text size="sm" c={erased ? 'dimmed' : undefined}>
                            {name}
                          </Text>
                          {user && (
                            <Badge size="sm" variant="light" color="gray">
                              {t('administration.isUser')}
                            </Badge>
                          )}
                        </Group>
                        <Text size="xs" c="dimmed">
                          {email ?? (erased ? id : '')}
                        </Text>
                      </Table.Td>
                      <Table.Td ta="end">
                        <Group gap="sm" justify="flex-end" wrap="nowrap">
                          <Anchor
                            href={`/api/v1/people/${encodeURIComponent(id)}/record`}
                            download={`${id}.json`}
                            size="xs"
                            aria-label={`${t('administration.record')} : ${name}`}
                          >
                            {t('administration.record')}
                          </Anchor>
                          {!erased && (
                            <Button
                              size="compact-xs"
                              variant="default"
                              color="red"
                              onClick={() => setLeaving({ id, name })}
                              aria-label={`${t('administration.erase')} : ${name}`}
                            >
                              {t('administration.erase')}
                            </Button>
                          )}
                        </Group>
                      </Table.Td>
                    </Table.Tr>
                  ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Fetched>
      {leaving && (
        <ReasonDialog
          title={t('administration.eraseTitle', { name: leaving.name })}
          loading={erase.isPending}
          onGiven={(reason) => erase.mutate(() => command('people/{id}/erasure', { id: leaving.id }, { reason }))}
          onClose={() => setLeaving(undefined)}
        >
          <Text size="sm">{t('administration.eraseHelp')}</Text>
        </ReasonDialog>
      )}
    </Section>
  );
}
