import { Button, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { read, send } from '../../api.js';
import { choices, spoken, wordsOf } from '../../language/index.js';
import { DataTable } from '../data-table.js';
import { Fetched } from '../fetched.js';
import { Section } from '../section.js';
import { type Reading, type Upload, useUploadCommand } from './sheet-assistant.js';

const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'windows-1256'];

/** Which column of the sheet is which of ours, with examples; as was confirmed last for such a sheet. */
export function SheetColumns({
  upload,
  onCheck,
  isPending,
}: {
  upload: Upload;
  onCheck: (reading: Reading) => void;
  isPending: boolean;
}) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Reading['kind']>(upload.reading?.kind ?? upload.proposals[0]!.kind);
  const proposal = upload.proposals.find((one) => one.kind === kind)!;
  const [chosen, setChosen] = useState<Partial<Record<string, Record<string, number>>>>({});
  const columns = chosen[kind] ?? (upload.reading?.kind === kind ? upload.reading.columns : proposal.columns);
  const kinds = useQuery({ queryKey: ['sheets'], queryFn: () => read('sheets') });
  const data = upload.headings.map((heading, at) => ({ value: String(at), label: heading }));
  const set = (column: string, at: string | null) => {
    const { [column]: _, ...rest } = columns;
    setChosen({ ...chosen, [kind]: at === null ? rest : { ...rest, [column]: Number(at) } });
  };
  return (
    <Fetched query={kinds}>
      {({ items }) => {
        const ours = items.find(({ id }) => id === kind)!.columns;
        const isComplete = ours.every(({ id, isRequired }) => !isRequired || columns[id] !== undefined);
        return (
          <Section title={t('exchange.mapped')}>
            <Stack>
              <Group align="flex-end">
                <Select
                  label={t('exchange.content')}
                  data={choices('exchange.kinds')}
                  value={kind}
                  onChange={(value) => value && setKind(value as Reading['kind'])}
                  allowDeselect={false}
                />
                <ReadingOptions upload={upload} />
              </Group>
              {proposal.isRemembered && <Text c="dimmed">{t('exchange.remembered')}</Text>}
              <DataTable heads={[t('exchange.column'), t('exchange.heading'), t('exchange.example')]}>
                {ours.map(({ id, labels, isRequired }) => (
                  <Table.Tr key={id}>
                    <Table.Td>
                      {wordsOf(labels)}
                      {isRequired && (
                        <Text span c="red">
                          {' *'}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>
                      <Select
                        aria-label={wordsOf(labels)}
                        placeholder={t('exchange.notThere')}
                        data={data}
                        value={columns[id] === undefined ? null : String(columns[id])}
                        onChange={(value) => set(id, value)}
                        error={isRequired && columns[id] === undefined}
                        clearable
                        searchable
                      />
                    </Table.Td>
                    <Table.Td>
                      <Text size="sm" c="dimmed" lineClamp={1}>
                        {columns[id] === undefined
                          ? ''
                          : upload.samples
                              .map((row) => row[columns[id]!])
                              .filter(Boolean)
                              .slice(0, 3)
                              .join(' · ')}
                      </Text>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </DataTable>
              <Group>
                <Button
                  disabled={!isComplete}
                  loading={isPending}
                  onClick={() =>
                    onCheck({ kind, columns, aliases: upload.reading?.aliases ?? proposal.aliases, language: spoken })
                  }
                >
                  {t('exchange.check')}
                </Button>
              </Group>
            </Stack>
          </Section>
        );
      }}
    </Fetched>
  );
}

/** Another sheet of the workbook, or another encoding, where the first guess was wrong. */
function ReadingOptions({ upload }: { upload: Upload }) {
  const { t } = useTranslation();
  const reread = useUploadCommand(upload.id);
  const change = (how: { sheet?: string; encoding?: 'utf-8' }) =>
    reread.mutate(() => send('patch', 'uploads/{id}', { id: upload.id }, how));
  const { source } = upload;
  if (source.format === 'xlsx')
    return source.sheets.length > 1 ? (
      <Select
        label={t('exchange.sheet')}
        data={source.sheets.map(({ name }) => name)}
        value={source.sheet}
        onChange={(sheet) => sheet && change({ sheet })}
        allowDeselect={false}
      />
    ) : null;
  return (
    <Select
      label={t('exchange.encoding')}
      data={ENCODINGS}
      value={source.encoding}
      onChange={(encoding) => encoding && change({ encoding: encoding as 'utf-8' })}
      allowDeselect={false}
    />
  );
}
