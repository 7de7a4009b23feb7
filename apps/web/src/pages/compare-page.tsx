import { Anchor, Group, Paper, Stack, Table, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { HistoryEntry } from '#audit';
import { sayField, sayValue } from '#audit/browser';
import { read } from '../api.js';
import { formatInstant } from '../language/index.js';
import { useAddress } from '../parts/address.js';
import { Fetched } from '../parts/fetched.js';
import { PageTitle } from '../parts/page-title.js';
import { pageOf } from '../parts/places.js';
import { Section } from '../parts/section.js';
import { type Names, useActors, useSentences, useWords } from '../parts/words.js';

const MOMENTS = ['fromAsOf', 'fromEffectiveAt', 'toAsOf', 'toEffectiveAt'] as const;

/** Something at two moments, on either clock, side by side; and where each of its values comes from. */
export default function ComparePage() {
  const { t } = useTranslation();
  const { kind = '', id = '' } = useParams();
  const { get, set } = useAddress();
  const asked = Object.fromEntries(MOMENTS.map((name) => [name, get(name) || undefined]));
  const of = { kind, id };
  const differences = useQuery({
    queryKey: ['comparison', of, asked],
    queryFn: () => read('audit/comparison', { ...of, ...asked }),
  });
  const provenance = useQuery({
    queryKey: ['provenance', of],
    queryFn: () => read('audit/provenance', of),
  });
  const names = useNames(kind, id);
  const picker = (name: (typeof MOMENTS)[number]) => (
    <TextInput
      type="date"
      label={t(name.endsWith('AsOf') ? 'compare.known' : 'compare.case')}
      value={get(name)}
      onChange={({ currentTarget }) => set({ [name]: currentTarget.value })}
    />
  );
  return (
    <Stack gap="lg">
      <PageTitle
        title={t('compare.title')}
        subtitle={
          <Anchor component={Link} to={pageOf({ kind, id })}>
            {names[id] ?? id}
          </Anchor>
        }
      />
      <Group gap="lg" align="stretch" className="no-print">
        {(['from', 'to'] as const).map((side) => (
          <Paper key={side} withBorder p="md" component="fieldset" style={{ flex: 1, minWidth: 260 }}>
            <Text component="legend" fw={600} size="sm">
              {t(`compare.${side}`)}
            </Text>
            <Group align="flex-end">
              {picker(`${side}AsOf`)}
              {picker(`${side}EffectiveAt`)}
            </Group>
          </Paper>
        ))}
      </Group>
      <Text size="sm" c="dimmed" className="no-print">
        {t('compare.help')}
      </Text>
      <Section title={t('compare.title')}>
        <Fetched query={differences}>
          {({ items }) =>
            items.length === 0 ? <Text c="dimmed">{t('compare.same')}</Text> : <Rows items={items} names={names} />
          }
        </Fetched>
      </Section>
      <Section title={t('compare.provenance')}>
        <Fetched query={provenance}>{({ items }) => <Rows items={items} names={names} isProvenance />}</Fetched>
      </Section>
    </Stack>
  );
}

interface Row {
  field: string;
  before?: unknown;
  after?: unknown;
  value?: unknown;
  event?: HistoryEntry;
  source?: { document: string; words?: string };
}

function Rows({ items, names, isProvenance = false }: { items: Row[]; names: Names; isProvenance?: boolean }) {
  const { t } = useTranslation();
  const words = useWords()(names);
  const sentence = useSentences();
  const actorOf = useActors();
  const say = (field: string, value: unknown) =>
    value === undefined ? t('compare.none') : sayValue(field.split('.')[0]!, value, words);
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('compare.field')}</Table.Th>
            {!isProvenance && <Table.Th>{t('compare.from')}</Table.Th>}
            <Table.Th>{t(isProvenance ? 'audit.what' : 'compare.to')}</Table.Th>
            <Table.Th>{t('compare.because')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map(({ field, before, after, value, event, source }) => {
            const [name, ...part] = field.split('.');
            return (
              <Table.Tr key={field} data-field={field}>
                <Table.Td>
                  {sayField(name!, words)}
                  {part.length > 0 && (
                    <Text size="xs" c="dimmed">
                      {words.named(part.join('.'))}
                    </Text>
                  )}
                </Table.Td>
                {!isProvenance && (
                  <Table.Td>
                    {before === undefined ? (
                      <Text c="dimmed">{t('compare.none')}</Text>
                    ) : (
                      <del>{say(field, before)}</del>
                    )}
                  </Table.Td>
                )}
                <Table.Td>{say(field, isProvenance ? value : after)}</Table.Td>
                <Table.Td>
                  {event && (
                    <>
                      <Anchor component={Link} to={`/audit?event=${event.id}`} size="sm">
                        {sentence(event, names)}
                      </Anchor>
                      <Text size="xs" c="dimmed">
                        {actorOf(event.actor)}, {formatInstant(event.recordedAt)}
                      </Text>
                    </>
                  )}
                  {source && (
                    <Text size="xs" c="dimmed">
                      {t('compare.source', { document: source.document })} {source.words && <q>{source.words}</q>}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** What ids stand for, as the story of this one thing says it. */
function useNames(kind: string, id: string): Names {
  const story = useQuery({
    queryKey: ['names', kind, id],
    queryFn: () => read('audit/events', { category: kind, subject: id, limit: '200' }),
  });
  return { ...story.data?.names, ...(story.data?.items[0] && { [id]: story.data.items[0].title }) };
}
