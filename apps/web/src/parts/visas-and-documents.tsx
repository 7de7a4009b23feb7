import { sayDate, wordsOf } from '../language/index.js';
import { Badge, Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconClock, IconPaperclip } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { useAgreementCommand } from './agreement-command.js';
import { FormDialog } from './form-dialog.js';
import { Choice, Line } from './inputs.js';
import { ReasonDialog } from './reason-dialog.js';
import { Section } from './section.js';

/** The visas that the present stage waits for, and those that were given. */
export function Visas({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [refusing, setRefusing] = useState<string>();
  const give = useAgreementCommand(agreement, t('visa.done'));
  const refuse = useAgreementCommand(agreement, t('visa.refused'), () => setRefusing(undefined));
  return (
    <Section title={t('visa.title')}>
      <Stack gap="sm">
        {agreement.visas.map(({ id, labels, given, mayGive, blockedBy }) => (
          <Paper key={id} withBorder p="md" data-visa={id} data-given={given !== undefined}>
            <Group justify="space-between" gap="sm">
              <Stack gap={2}>
                <Text fw={600} size="sm">
                  {wordsOf(labels)}
                </Text>
                {given && (
                  <Text size="sm" c="dimmed">
                    {t('visa.by', { name: given.by.name, date: sayDate(given.on) })}
                  </Text>
                )}
                {given?.note && <Text size="sm">{given.note}</Text>}
                {blockedBy.map(({ fr }) => (
                  <Text key={fr} size="xs" c="dimmed">
                    {fr}
                  </Text>
                ))}
              </Stack>
              {given ? (
                <Badge color="green" variant="light" tt="none" leftSection={<IconCheck size={12} />}>
                  {t('visa.given')}
                </Badge>
              ) : mayGive ? (
                <Group gap="xs">
                  <Button size="xs" variant="default" onClick={() => setRefusing(id)}>
                    {t('visa.refuse')}
                  </Button>
                  <Button size="xs" onClick={() => give.mutate({ path: 'visas', body: { visa: id } })}>
                    {t('visa.give')}
                  </Button>
                </Group>
              ) : (
                <Badge color="orange" variant="light" tt="none" leftSection={<IconClock size={12} />}>
                  {t('visa.awaited')}
                </Badge>
              )}
            </Group>
          </Paper>
        ))}
      </Stack>
      {refusing && (
        <ReasonDialog
          title={t('visa.refuse')}
          loading={refuse.isPending}
          onGiven={(reason) => refuse.mutate({ path: `visas/${refusing}/refuse`, body: { reason } })}
          onClose={() => setRefusing(undefined)}
        />
      )}
    </Section>
  );
}

/** The documents of an agreement. Their bytes stay where they are; their SHA-256 says which they are. */
export function Documents({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  return (
    <Section title={t('document.title')}>
      <Stack gap="xs">
        {agreement.documents.length === 0 && <Text c="dimmed">{t('document.none')}</Text>}
        {agreement.documents.map(({ document, title, attachedOn, sha256 }) => (
          <Group key={`${document} ${title} ${sha256}`} gap="sm" wrap="nowrap" data-document={document}>
            <IconPaperclip size={16} />
            <Stack gap={0}>
              <Text size="sm">{title}</Text>
              <Text size="xs" c="dimmed">
                {t(`document.type.${document}`)} · {sayDate(attachedOn)}
              </Text>
              {sha256 && (
                <Text size="xs" c="dimmed" ff="monospace" style={{ wordBreak: 'break-all' }}>
                  {sha256}
                </Text>
              )}
            </Stack>
          </Group>
        ))}
        <Group>
          <Button size="xs" variant="light" leftSection={<IconPaperclip size={16} />} onClick={() => setAdding(true)}>
            {t('document.add')}
          </Button>
        </Group>
      </Stack>
      {isAdding && <AddDocument agreement={agreement} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function AddDocument({ agreement, onClose }: { agreement: AgreementView; onClose: () => void }) {
  const { t } = useTranslation();
  const [document, setDocument] = useState<string>('final-text');
  const [title, setTitle] = useState('');
  const [sha256, setSha256] = useState<string>();
  const attach = useAgreementCommand(agreement, t('document.done'), onClose);
  const submit = () =>
    attach.mutate({ path: 'documents', body: { document, title: title.trim(), ...(sha256 && { sha256 }) } });
  const read = async (file: File | undefined) => {
    if (!file) return setSha256(undefined);
    if (!title) setTitle(file.name);
    const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
    setSha256([...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
  };
  return (
    <FormDialog title={t('document.add')} loading={attach.isPending} onSubmit={submit} onClose={onClose}>
      <Choice label={t('document.kind')} of="document.type" value={document} onChange={setDocument} />
      <Line label={t('document.name')} required value={title} onChange={setTitle} autoFocus />
      <TextInput
        type="file"
        label={t('document.file')}
        description={t('document.fileHint')}
        onChange={(event) => void read(event.currentTarget.files?.[0])}
      />
    </FormDialog>
  );
}
