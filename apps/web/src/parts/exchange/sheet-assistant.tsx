import { Alert, Anchor, Button, Checkbox, Group, Progress, Select, Stack, Table, Text } from '@mantine/core';
import { IconDownload, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { command, queryClient, read, seen } from '../../api.js';
import { spoken } from '../../language/index.js';
import { useAddress } from '../address.js';
import { DataTable } from '../data-table.js';
import { Fetched } from '../fetched.js';
import { showProblem } from '../problems.js';
import { Section } from '../section.js';
import { Tag } from '../tag.js';
import { SheetColumns } from './sheet-columns.js';
import { SheetRows } from './sheet-rows.js';

type Answered = Awaited<ReturnType<typeof read<'uploads/{id}'>>>;
/** How a sheet is understood. The document cannot say what stands in an object of any names; here it is said. */
export interface Reading {
  kind: NonNullable<Answered['reading']>['kind'];
  columns: Record<string, number>;
  aliases: Record<string, string>;
  language: typeof spoken;
}
export type Upload = Omit<Answered, 'reading' | 'proposals'> & {
  reading?: Reading;
  proposals: (Pick<Reading, 'kind' | 'columns' | 'aliases'> & { isRemembered: boolean })[];
};

const fetchUpload = async (id: string) => (await read('uploads/{id}', { id })) as Upload;
const AGAIN_MS = 700;
const LISTS: Record<string, string> = {
  agreements: '/accords',
  projects: '/projets',
  milestones: '/projets',
  organisations: '/organisations',
  meetings: '/rencontres',
};

/** Takes a sheet from its columns by way of what would become of its rows to their import. It goes on where it was left. */
export function SheetAssistant({ id }: { id: string }) {
  const upload = useQuery({
    queryKey: ['uploads', id],
    queryFn: () => fetchUpload(id),
    refetchInterval: ({ state }) => (state.data?.progress ? AGAIN_MS : false),
  });
  return <Fetched query={upload}>{(data) => <Assistant upload={data} />}</Fetched>;
}

function Assistant({ upload }: { upload: Upload }) {
  const { t } = useTranslation();
  const { set } = useAddress();
  const check = useCheck(upload.id);
  const { progress, state, reading, outcome } = upload;
  if (outcome?.position) seen(outcome.position);
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Text fw={600}>{upload.name}</Text>
        <Button variant="default" onClick={() => set({ feuille: undefined })}>
          {t('exchange.another')}
        </Button>
      </Group>
      {state === 'failed' && <Alert color="red">{t('exchange.failed', { reason: upload.failure })}</Alert>}
      {upload.isInterrupted && <Alert color="yellow">{t('exchange.interrupted')}</Alert>}
      {progress && (
        <Stack gap="xs" role="status">
          <Text>{t(state === 'importing' ? 'exchange.importing' : 'exchange.checking', { count: progress.done })}</Text>
          <Progress value={100} animated aria-label={t('exchange.rows')} />
        </Stack>
      )}
      {!progress && outcome && reading && (
        <Outcome upload={upload} outcome={outcome} reading={reading} onCheck={check.give} />
      )}
      {!progress && state !== 'imported' && (
        <SheetColumns key={upload.headings.join()} upload={upload} onCheck={check.give} isPending={check.isPending} />
      )}
    </Stack>
  );
}

/** Has the server work on the sheet; what it answers is shown, and how far it has come. */
export function useUploadCommand(id: string) {
  return useMutation({
    mutationFn: (give: () => Promise<unknown>) => give(),
    onSuccess: (answer) => {
      queryClient.setQueryData(['uploads', id], answer);
      void queryClient.invalidateQueries({ queryKey: ['uploads', id] });
    },
    onError: showProblem,
  });
}

function useCheck(id: string) {
  const { mutate, isPending } = useUploadCommand(id);
  return {
    isPending,
    give: (reading: Reading) => mutate(() => command('uploads/{id}/check', { id }, reading as never)),
  };
}

const FATES = ['new', 'changed', 'unchanged', 'refused'] as const;
const TONES = { new: 'active', changed: 'signature', unchanged: 'plain', refused: 'late' } as const;

function Outcome({
  upload,
  outcome,
  reading,
  onCheck,
}: {
  upload: Upload;
  outcome: NonNullable<Upload['outcome']>;
  reading: Reading;
  onCheck: (reading: Reading) => void;
}) {
  const { t } = useTranslation();
  const isDone = upload.state === 'imported';
  return (
    <>
      <Section
        title={t(isDone ? 'exchange.done' : 'exchange.outcome')}
        actions={
          <Button
            component="a"
            variant="default"
            size="xs"
            leftSection={<IconDownload size={14} />}
            href={`/api/v1/uploads/${upload.id}/annotated?language=${spoken}`}
            download
          >
            {t('exchange.annotated')}
          </Button>
        }
      >
        <Stack>
          <Group gap="xl">
            {FATES.map((fate) => (
              <Group key={fate} gap="xs">
                <Tag tone={TONES[fate]}>{t(`exchange.fates.${fate}`)}</Tag>
                <Text fw={600}>{outcome.counts[fate]}</Text>
              </Group>
            ))}
          </Group>
          {isDone ? (
            <Alert color="green">
              {t('exchange.imported')}{' '}
              <Anchor component={Link} to={LISTS[reading.kind]!}>
                {t('exchange.see')}
              </Anchor>
            </Alert>
          ) : (
            <Consent upload={upload} outcome={outcome} />
          )}
        </Stack>
      </Section>
      {!isDone && outcome.unknown.length > 0 && <UnknownNames outcome={outcome} reading={reading} onCheck={onCheck} />}
      <SheetRows id={upload.id} columns={reading.kind} />
    </>
  );
}

/** What one agrees to before anything is recorded. */
function Consent({ upload, outcome }: { upload: Upload; outcome: NonNullable<Upload['outcome']> }) {
  const { t } = useTranslation();
  const [leaveOut, setLeaveOut] = useState(false);
  const [confirmDates, setConfirmDates] = useState(false);
  const start = useUploadCommand(upload.id);
  const { refused } = outcome.counts;
  const count = outcome.counts.new + outcome.counts.changed;
  const hasDoubts = upload.dates.some(({ isDoubtful }) => isDoubtful);
  const mayStart = count > 0 && (refused === 0 || leaveOut) && (!hasDoubts || confirmDates);
  if (count === 0 && refused === 0) return <Text>{t('exchange.nothingToDo')}</Text>;
  return (
    <Stack align="flex-start">
      {upload.dates.length > 0 && <Dates dates={upload.dates} />}
      {hasDoubts && (
        <Checkbox
          label={t('exchange.confirm')}
          checked={confirmDates}
          onChange={(event) => setConfirmDates(event.currentTarget.checked)}
        />
      )}
      {refused > 0 && count > 0 && (
        <Checkbox
          label={t('exchange.leaveOut', { count: refused })}
          checked={leaveOut}
          onChange={(event) => setLeaveOut(event.currentTarget.checked)}
        />
      )}
      {count > 0 && (
        <Button
          disabled={!mayStart}
          loading={start.isPending}
          onClick={() =>
            start.mutate(() => command('uploads/{id}/import', { id: upload.id }, { leaveOut, confirmDates }))
          }
        >
          {t('exchange.import', { count })}
        </Button>
      )}
    </Stack>
  );
}

/** Vague dates as they were written, and what they were read as. */
function Dates({ dates }: { dates: Upload['dates'] }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" w="100%">
      <Text fw={500}>{t('exchange.dates')}</Text>
      <DataTable heads={[t('exchange.written'), t('exchange.readAs'), t('exchange.rows')]} minWidth={320}>
        {dates.slice(0, 100).map(({ column, text, phrase, isDoubtful, count }) => (
          <Table.Tr key={`${column} ${text}`}>
            <Table.Td>{text}</Table.Td>
            <Table.Td>
              <Group gap="xs">
                {phrase}
                {isDoubtful && <Tag tone="late">{t('exchange.doubtful')}</Tag>}
              </Group>
            </Table.Td>
            <Table.Td>{count}</Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
    </Stack>
  );
}

/** Says of names that nothing on record has whom they mean; that is remembered for the next such sheet. */
function UnknownNames({
  outcome,
  reading,
  onCheck,
}: {
  outcome: NonNullable<Upload['outcome']>;
  reading: Reading;
  onCheck: (reading: Reading) => void;
}) {
  const { t } = useTranslation();
  const ofOrganisations = outcome.unknown.filter(({ register }) => register === 'organisations');
  const [meant, setMeant] = useState<Record<string, string>>(() =>
    Object.fromEntries(ofOrganisations.flatMap(({ text, suggestion }) => (suggestion ? [[text, suggestion.id]] : []))),
  );
  const organisations = useQuery({
    queryKey: ['organisations'],
    queryFn: () => read('organisations', { limit: '200' }),
  });
  const others = outcome.unknown.filter(({ register }) => register !== 'organisations');
  const aliases = Object.fromEntries(Object.entries(meant).map(([text, id]) => [`organisations:${text}`, id]));
  return (
    <Section title={t('exchange.unknown')} count={outcome.unknown.length}>
      <Stack align="flex-start">
        {ofOrganisations.map(({ text, count }) => (
          <Group key={text}>
            <Text>
              « {text} » ({count}) {t('exchange.means')}
            </Text>
            <Select
              aria-label={`${text} : ${t('exchange.means')}`}
              placeholder={t('exchange.nobody')}
              data={(organisations.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
              value={meant[text] ?? null}
              onChange={(value) => {
                const { [text]: _, ...rest } = meant;
                setMeant(value ? { ...rest, [text]: value } : rest);
              }}
              searchable
              clearable
              w={320}
            />
          </Group>
        ))}
        {others.map(({ register, text, count }) => (
          <Text key={`${register} ${text}`}>
            « {text} » ({count})
          </Text>
        ))}
        {Object.keys(meant).length > 0 && (
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            onClick={() => onCheck({ ...reading, aliases: { ...reading.aliases, ...aliases } })}
          >
            {t('exchange.again')}
          </Button>
        )}
      </Stack>
    </Section>
  );
}
