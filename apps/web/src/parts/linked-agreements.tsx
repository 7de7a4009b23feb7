import { Anchor, Button, Group, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AgreementView } from '#agreements';
import { type Commands, command, read, type Sent } from '../api.js';
import { FormDialog } from './form-dialog.js';
import { Choice } from './inputs.js';
import { None } from './none.js';
import { Section } from './section.js';
import { TermsDialog } from './terms-dialog.js';
import { useCommand } from './use-command.js';

/** What it amends, implements or supersedes, and by what it is amended. */
export function LinkedAgreements({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'link' | 'amendment'>();
  const close = () => setDialog(undefined);
  const amends = agreement.links.some(({ link }) => link === 'amends');
  return (
    <Section title={t('links.title')}>
      <Stack gap="xs">
        {agreement.links.length === 0 && <Text c="dimmed">{t('links.none')}</Text>}
        {agreement.links.map(({ agreement: other, link, title }) => (
          <Text key={`${link} ${other}`} size="sm" data-link={link}>
            {t(`links.kinds.${link}`)}{' '}
            <Anchor component={Link} to={`/accords/${other}`} size="sm">
              {title}
            </Anchor>
          </Text>
        ))}
        <Group gap="xs">
          <Button size="xs" variant="light" leftSection={<IconLink size={16} />} onClick={() => setDialog('link')}>
            {t('links.add')}
          </Button>
          {amends && (
            <Button size="xs" variant="light" onClick={() => setDialog('amendment')}>
              {t('terms.amend')}
            </Button>
          )}
        </Group>
      </Stack>
      {dialog === 'link' && <AddLink agreement={agreement} onClose={close} />}
      {dialog === 'amendment' && <TermsDialog agreement={agreement} amends onClose={close} />}
    </Section>
  );
}

function AddLink({ agreement, onClose }: { agreement: AgreementView; onClose: () => void }) {
  const { t } = useTranslation();
  const [link, setLink] = useState<Sent<Commands['agreements/{id}/links']>['link']>('implements');
  const [other, setOther] = useState('');
  const [words, setWords] = useState('');
  const [settled] = useDebouncedValue(words, 200);
  const found = useQuery({
    queryKey: ['agreements', 'to-link', settled],
    queryFn: () => read('agreements', { limit: '20', ...(settled && { q: settled }) }),
    placeholderData: (before) => before,
  });
  const add = useCommand(t('links.done'), onClose);
  const options = (found.data?.items ?? [])
    .filter(({ id }) => id !== agreement.id)
    .map(({ id, title }) => ({ value: id, label: title }));
  return (
    <FormDialog
      title={t('links.add')}
      loading={add.isPending}
      disabled={!other}
      onSubmit={() =>
        add.mutate(() => command('agreements/{id}/links', { id: agreement.id }, { agreement: other, link }))
      }
      onClose={onClose}
    >
      <Choice label={t('links.kind')} of="links.choices" value={link} onChange={setLink} />
      <Select
        label={t('links.other')}
        searchable
        data={options}
        value={other || null}
        onChange={(chosen) => setOther(chosen ?? '')}
        onSearchChange={setWords}
        nothingFoundMessage={<None>{t('agreements.empty')}</None>}
        filter={({ options: all }) => all}
      />
    </FormDialog>
  );
}
