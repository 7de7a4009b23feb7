import { Anchor, Button, FileButton, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { queryClient, sendIati } from '../../api.js';
import { showProblem } from '../problems.js';
import { Section } from '../section.js';

const mayImport = (roles: string[]) => roles.some((role) => ['officer', 'approver', 'administrator'].includes(role));

/** The formats of other houses: donors' registers, analysts, calendars, programs. */
export function Formats({ roles }: { roles: string[] }) {
  const { t } = useTranslation();
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Section title={t('exchange.iati')}>
        <Stack>
          <Text c="dimmed">{t('exchange.iatiHint')}</Text>
          <Publishing />
          {mayImport(roles) && <IatiImport />}
        </Stack>
      </Section>
      <Section title={t('exchange.mining')}>
        <Stack>
          <Text c="dimmed">{t('exchange.miningHint')}</Text>
          <Group>
            <Button
              component="a"
              variant="default"
              href="/api/v1/process-mining/ocel.json"
              download="paraphe.jsonocel"
              leftSection={<IconDownload size={16} />}
            >
              OCEL 2.0
            </Button>
            <Button
              component="a"
              variant="default"
              href="/api/v1/process-mining/log.xes"
              download="paraphe.xes"
              leftSection={<IconDownload size={16} />}
            >
              XES
            </Button>
          </Group>
        </Stack>
      </Section>
      <Section title={t('exchange.calendars')}>
        <Anchor component={Link} to="/rappels?onglet=preferences">
          {t('exchange.calendarsHint')}
        </Anchor>
      </Section>
      <Section title={t('exchange.api')}>
        <Stack>
          <Text c="dimmed">{t('exchange.apiHint')}</Text>
          <Anchor href="/api/docs" target="_blank">
            {t('exchange.apiDocs')}
          </Anchor>
        </Stack>
      </Section>
    </SimpleGrid>
  );
}

function Publishing() {
  const { t } = useTranslation();
  const [ref, setRef] = useLocalStorage({ key: 'paraphe.iati.ref', defaultValue: '' });
  const [name, setName] = useLocalStorage({ key: 'paraphe.iati.name', defaultValue: '' });
  const query = new URLSearchParams({ ref, name });
  const isComplete = ref.trim() !== '' && name.trim() !== '';
  return (
    <Stack gap="sm">
      <TextInput
        label={t('exchange.iatiRef')}
        placeholder="MA-GOV-12345"
        value={ref}
        onChange={(event) => setRef(event.currentTarget.value)}
      />
      <TextInput label={t('exchange.iatiName')} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Group>
        {[
          { path: 'activities.xml', label: t('exchange.iatiGet') },
          { path: 'organisations.xml', label: t('exchange.iatiOrg') },
        ].map(({ path, label }) =>
          isComplete ? (
            <Button
              key={path}
              component="a"
              variant="default"
              href={`/api/v1/iati/${path}?${query}`}
              download={path}
              leftSection={<IconDownload size={16} />}
            >
              {label}
            </Button>
          ) : (
            <Button key={path} variant="default" disabled leftSection={<IconDownload size={16} />}>
              {label}
            </Button>
          ),
        )}
      </Group>
    </Stack>
  );
}

/** First what would become of it, then, if that is wanted, for real. */
function IatiImport() {
  const { t } = useTranslation();
  const [file, setFile] = useState<File>();
  const rehearsal = useMutation({ mutationFn: (chosen: File) => sendIati(chosen, true), onError: showProblem });
  const real = useMutation({
    mutationFn: (chosen: File) => sendIati(chosen, false),
    onSuccess: () => queryClient.invalidateQueries(),
    onError: showProblem,
  });
  const choose = (chosen: File | null) => {
    if (!chosen) return;
    setFile(chosen);
    real.reset();
    rehearsal.mutate(chosen);
  };
  return (
    <Stack gap="sm" align="flex-start">
      <FileButton onChange={choose} accept=".xml,application/xml">
        {(props) => (
          <Button variant="default" leftSection={<IconUpload size={16} />} loading={rehearsal.isPending} {...props}>
            {t('exchange.iatiImport')}
          </Button>
        )}
      </FileButton>
      {rehearsal.data && !real.data && (
        <>
          <Text>
            {file?.name} : {t('exchange.iatiDry', { ...rehearsal.data })}
          </Text>
          <Button
            onClick={() => file && real.mutate(file)}
            loading={real.isPending}
            disabled={rehearsal.data.applied === 0}
          >
            {t('exchange.iatiGo')}
          </Button>
        </>
      )}
      {real.data && <Text>{t('exchange.iatiDone', { ...real.data })}</Text>}
    </Stack>
  );
}
