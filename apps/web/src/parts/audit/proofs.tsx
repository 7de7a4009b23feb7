import { Alert, Button, Code, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, read } from '../../api.js';
import { formatNumber, spoken } from '../../language/index.js';
import { isAuditor } from '../../me.js';
import { Fact } from '../fact.js';
import { Fetched } from '../fetched.js';
import { Section } from '../section.js';
import { useCommand } from '../use-command.js';

/** How far the log is sealed, by which key, and what can be taken away to check that elsewhere. */
export function Proofs({ roles }: { roles: string[] }) {
  const { t } = useTranslation();
  const proofs = useQuery({ queryKey: ['proofs'], queryFn: () => read('audit/proofs') });
  const sign = useCommand(t('audit.signedNow'));
  return (
    <Stack gap="lg" maw={960}>
      <Fetched query={proofs}>
        {({ size, checkpoint, problems }) => (
          <Section
            title={t('audit.sealed')}
            actions={
              isAuditor(roles) && (
                <Button
                  size="xs"
                  variant="default"
                  loading={sign.isPending}
                  onClick={() => sign.mutate(() => command('audit/checkpoint', {}, {}))}
                >
                  {t('audit.signNow')}
                </Button>
              )
            }
          >
            <Stack gap="md">
              {problems.length === 0 ? (
                <Alert color="green" variant="light" icon={<IconShieldCheck size={18} />}>
                  {t('audit.sound')}
                </Alert>
              ) : (
                <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('audit.broken')}>
                  {problems.map((problem) => (
                    <Text key={problem} size="sm">
                      {problem}
                    </Text>
                  ))}
                </Alert>
              )}
              <Text size="sm">
                {t('audit.sealedSize', { size: formatNumber(size), sealed: formatNumber(checkpoint.size) })}
              </Text>
              <Group gap="xl" align="flex-start">
                <Fact label={t('audit.origin')}>
                  <Code dir="ltr">{checkpoint.origin}</Code>
                </Fact>
                <Fact label={t('audit.root')}>
                  <Code dir="ltr">{checkpoint.root}</Code>
                </Fact>
              </Group>
              <Fact label={t('audit.key')}>
                {checkpoint.keys.map((key) => (
                  <Code key={key} dir="ltr" style={{ overflowWrap: 'anywhere' }}>
                    {key}
                  </Code>
                ))}
              </Fact>
              <Group>
                <Button component="a" href="/api/v1/audit/checkpoint" download="checkpoint" variant="default" size="xs">
                  {t('audit.checkpoint')}
                </Button>
              </Group>
            </Stack>
          </Section>
        )}
      </Fetched>
      {isAuditor(roles) && <PeriodBundle />}
      <Checkpoints />
    </Stack>
  );
}

function PeriodBundle() {
  const { t } = useTranslation();
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const day = (label: string, value: string, change: (value: string) => void) => (
    <TextInput type="date" label={label} value={value} onChange={({ currentTarget }) => change(currentTarget.value)} />
  );
  return (
    <Section title={t('audit.bundlePeriod')}>
      <Text size="sm" c="dimmed" mb="md">
        {t('audit.bundleHelp')}
      </Text>
      <Group align="flex-end">
        {day(t('preferences.from'), from, setFrom)}
        {day(t('preferences.until'), until, setUntil)}
        <Button
          component="a"
          href={`/api/v1/audit/bundle?from=${from}&until=${until}&language=${spoken}`}
          data-disabled={!from || !until || undefined}
          onClick={(event) => (!from || !until) && event.preventDefault()}
          aria-disabled={!from || !until}
        >
          {t('audit.download')}
        </Button>
      </Group>
    </Section>
  );
}

function Checkpoints() {
  const { t } = useTranslation();
  const checkpoints = useQuery({ queryKey: ['checkpoints'], queryFn: () => read('audit/checkpoints') });
  return (
    <Section title={t('audit.history')}>
      <Fetched query={checkpoints}>
        {({ items }) => (
          <Table.ScrollContainer minWidth={520}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('audit.events')}</Table.Th>
                  <Table.Th>{t('audit.root')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.slice(0, 50).map(({ size, root }) => (
                  <Table.Tr key={`${size} ${root}`}>
                    <Table.Td>{formatNumber(size)}</Table.Td>
                    <Table.Td>
                      <Code dir="ltr">{root}</Code>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Fetched>
    </Section>
  );
}
