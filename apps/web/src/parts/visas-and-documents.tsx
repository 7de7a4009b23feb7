import { Anchor, Badge, Button, FileInput, Group, Modal, Paper, Stack, Text } from '@mantine/core';
import { IconCheck, IconClock, IconPaperclip } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgreementView } from '#agreements';
import { type Commands, command, keepDocument, type Sent } from '../api.js';
import { sayDate, wordsOf } from '../language/index.js';
import { FormDialog } from './form-dialog.js';
import { Choice, Line } from './inputs.js';
import { showProblem } from './problems.js';
import { ReasonDialog } from './reason-dialog.js';
import { Section } from './section.js';
import { useCommand } from './use-command.js';

/** The visas that the present stage waits for, and those that were given. */
export function Visas({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [refusing, setRefusing] = useState<string>();
  const give = useCommand(t('visa.done'));
  const refuse = useCommand(t('visa.refused'), () => setRefusing(undefined));
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
                {blockedBy.map((labels) => (
                  <Text key={labels.fr} size="xs" c="dimmed">
                    {wordsOf(labels)}
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
                  <Button
                    size="xs"
                    onClick={() =>
                      give.mutate(() => command('agreements/{id}/visas', { id: agreement.id }, { visa: id }))
                    }
                  >
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
          onGiven={(reason) =>
            refuse.mutate(() =>
              command('agreements/{id}/visas/{visa}/refuse', { id: agreement.id, visa: refusing }, { reason }),
            )
          }
          onClose={() => setRefusing(undefined)}
        />
      )}
    </Section>
  );
}

type Attached = AgreementView['documents'][number];

/** The documents of an agreement: of each the latest version, with those before it. */
export function Documents({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const [shown, show] = useState<Attached>();
  const byTitle = [...Map.groupBy(agreement.documents, ({ document, title }) => `${document} ${title}`).values()];
  return (
    <Section title={t('document.title')}>
      <Stack gap="sm">
        {byTitle.length === 0 && <Text c="dimmed">{t('document.none')}</Text>}
        {byTitle.map((versions) => {
          const latest = versions.at(-1)!;
          return (
            <Stack key={`${latest.document} ${latest.title}`} gap={4} data-document={latest.document}>
              <Version document={latest} number={versions.length} onShow={show} />
              {versions.length > 1 && (
                <details>
                  <summary>
                    <Text span size="xs">
                      {t('document.former', { count: versions.length - 1 })}
                    </Text>
                  </summary>
                  <Stack gap={4} ps="lg">
                    {versions.slice(0, -1).map((version, index) => (
                      <Version key={version.sha256 ?? index} document={version} number={index + 1} onShow={show} />
                    ))}
                  </Stack>
                </details>
              )}
            </Stack>
          );
        })}
        <Group>
          <Button size="xs" variant="light" leftSection={<IconPaperclip size={16} />} onClick={() => setAdding(true)}>
            {t('document.add')}
          </Button>
        </Group>
      </Stack>
      {isAdding && <AddDocument agreement={agreement} onClose={() => setAdding(false)} />}
      {shown && (
        <Modal opened onClose={() => show(undefined)} title={shown.title} size="90%">
          <iframe src={addressOf(shown)} title={shown.title} className="preview" />
        </Modal>
      )}
    </Section>
  );
}

const addressOf = ({ sha256, title }: Attached): string =>
  `/api/v1/documents/${sha256}?${new URLSearchParams({ name: title })}`;

function Version({
  document: attached,
  number,
  onShow,
}: {
  document: Attached;
  number: number;
  onShow: (document: Attached) => void;
}) {
  const { t } = useTranslation();
  const { document, title, attachedOn, sha256 } = attached;
  const kept = useQuery({
    queryKey: ['document', sha256],
    queryFn: async () => (await fetch(addressOf(attached), { method: 'HEAD' })).headers.get('content-type'),
    enabled: sha256 !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isKept = kept.data && !kept.data.includes('problem');
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <IconPaperclip size={16} aria-hidden style={{ flex: 'none', marginTop: 3 }} />
      <Stack gap={0} flex={1} miw={0}>
        <Text size="sm">{title}</Text>
        <Text size="xs" c="dimmed">
          {t(`document.type.${document}`)} · {sayDate(attachedOn)} · {t('document.version', { number })}
        </Text>
        {sha256 && (
          <Text size="xs" c="dimmed" ff="monospace" truncate title={sha256}>
            SHA-256 {sha256}
          </Text>
        )}
      </Stack>
      {isKept && kept.data === 'application/pdf' && (
        <Button size="compact-xs" variant="default" onClick={() => onShow(attached)}>
          {t('document.show')}
        </Button>
      )}
      {isKept && (
        <Anchor href={addressOf(attached)} download={title} size="xs">
          {t('document.save')}
        </Anchor>
      )}
    </Group>
  );
}

function AddDocument({ agreement, onClose }: { agreement: AgreementView; onClose: () => void }) {
  const { t } = useTranslation();
  const [document, setDocument] = useState<Sent<Commands['agreements/{id}/documents']>['document']>('final-text');
  const [title, setTitle] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const attach = useCommand(t('document.done'), onClose);
  const upload = useMutation({ mutationFn: keepDocument, onError: showProblem });
  const submit = async () => {
    const kept = file && (await upload.mutateAsync(file).catch(() => undefined));
    if (file && !kept) return;
    const body = { document, title: title.trim(), ...(kept && { sha256: kept.sha256 }) };
    attach.mutate(() => command('agreements/{id}/documents', { id: agreement.id }, body));
  };
  return (
    <FormDialog
      title={t('document.add')}
      loading={attach.isPending || upload.isPending}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <Choice label={t('document.kind')} of="document.type" value={document} onChange={setDocument} />
      <FileInput
        label={t('document.file')}
        description={t('document.fileHint')}
        value={file}
        onChange={(chosen) => {
          setFile(chosen);
          if (chosen && !title) setTitle(chosen.name);
        }}
        clearable
      />
      <Line
        label={t('document.name')}
        description={t('document.nameHint')}
        required
        value={title}
        onChange={setTitle}
      />
    </FormDialog>
  );
}
