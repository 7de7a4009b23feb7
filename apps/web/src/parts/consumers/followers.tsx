import { Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ConsumerView } from '#operations';
import { formatInstant, formatNumber } from '../../language/index.js';
import { DataTable } from '../data-table.js';
import { Section } from '../section.js';
import { Tag, type Tone } from '../tag.js';
import { consumerName } from './words.js';

type State = ConsumerView['state'];

const TONES: Record<State, Tone> = {
  live: 'active',
  'catching-up': 'signature',
  'backing-off': 'suspended',
  halted: 'late',
  waiting: 'plain',
  elsewhere: 'plain',
  unknown: 'plain',
};
/** What wants looking after stands first. */
const URGENCY: State[] = ['halted', 'backing-off', 'catching-up'];
const urgencyOf = (state: State): number => (URGENCY.includes(state) ? URGENCY.indexOf(state) : URGENCY.length);

/** All who follow the log: how each is doing, and how far it has come. */
export function Followers({ consumers }: { consumers: ConsumerView[] }) {
  const { t } = useTranslation();
  const sorted = consumers
    .map((one) => ({ ...one, words: consumerName(one.name) }))
    .sort((a, b) => urgencyOf(a.state) - urgencyOf(b.state) || a.words.localeCompare(b.words));
  return (
    <Section title={t('consumers.all')} count={sorted.length}>
      <DataTable heads={[t('consumers.who'), t('consumers.state')]} minWidth={280}>
        {sorted.map(({ name, words, state, since, reason, position }) => (
          <Table.Tr key={name} data-follower={name} data-state={state}>
            <Table.Td>
              {words}
              {position !== undefined && (
                <Text size="xs" c="dimmed">
                  {t('consumers.position', { position: formatNumber(BigInt(position)) })}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <Stack gap={4} align="flex-start">
                <Tag tone={TONES[state]}>{t(`consumers.states.${state}`)}</Tag>
                {since && state !== 'live' && (
                  <Text size="xs" c="dimmed">
                    {t('consumers.since', { time: formatInstant(since) })}
                  </Text>
                )}
                {reason && (
                  <Text size="xs" className="as-said" lang="en">
                    {reason}
                  </Text>
                )}
              </Stack>
            </Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
    </Section>
  );
}
