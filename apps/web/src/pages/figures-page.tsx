import { Anchor, Grid, Group, Select, Stack, Table, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AgreementFigures } from '#agreements';
import type { MilestoneFigures } from '#projects';
import { read } from '../api.js';
import { choices, countryName, formatMonth, formatNumber, wordsOf } from '../language/index.js';
import { useAddress } from '../parts/address.js';
import { Fetched } from '../parts/fetched.js';
import { Count, None } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { Section } from '../parts/section.js';
import { Shape } from '../parts/tag.js';

/** What it all comes to. Every figure leads to the list behind it. */
export default function FiguresPage() {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  const filters = { country: get('country') || undefined, type: get('type') || undefined };
  const figures = useQuery({
    queryKey: ['agreements', 'figures', filters],
    queryFn: () => read('agreements/figures', filters),
    placeholderData: keepPreviousData,
  });
  const all = useQuery({
    queryKey: ['agreements', 'figures', {}],
    queryFn: () => read('agreements/figures'),
  });
  const suffix = `${filters.country ? `&country=${filters.country}` : ''}${filters.type ? `&type=${filters.type}` : ''}`;
  return (
    <>
      <PageTitle title={t('nav.figures')} subtitle={t('figures.subtitle')}>
        <Select
          placeholder={t('agreements.facets.country')}
          aria-label={t('agreements.facets.country')}
          data={(all.data?.byCountry ?? []).map(({ country }) => ({ value: country, label: countryName(country) }))}
          value={get('country') || null}
          onChange={(value) => set({ country: value ?? undefined })}
          searchable
          clearable
          w={190}
        />
        <Select
          placeholder={t('agreements.facets.type')}
          aria-label={t('agreements.facets.type')}
          data={choices('type')}
          value={get('type') || null}
          onChange={(value) => set({ type: value ?? undefined })}
          clearable
          w={220}
        />
      </PageTitle>
      <Fetched query={figures}>
        {(data) => (
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, lg: 6 }}>
              <Stack gap="lg">
                <ByStage figures={data} suffix={suffix} />
                <PerStage figures={data} suffix={suffix} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, lg: 6 }}>
              <Stack gap="lg">
                <Ageing figures={data} suffix={suffix} />
                <Signatures figures={data} />
                <Milestones />
              </Stack>
            </Grid.Col>
          </Grid>
        )}
      </Fetched>
    </>
  );
}

/** Figures as bars, which are a table to those who cannot see them. */
function Bars({
  rows,
}: {
  rows: { id: string; label: ReactNode; value: number; tone?: string; to?: string | undefined }[];
}) {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <Table verticalSpacing={6} withRowBorders={false}>
      <Table.Tbody>
        {rows.map(({ id, label, value, tone, to }) => (
          <Table.Tr key={id}>
            <Table.Th scope="row" fw={400} fz="sm" w="45%">
              {label}
            </Table.Th>
            <Table.Td>
              <div className="bar-track" aria-hidden>
                <div
                  className="bar"
                  data-tone={tone}
                  style={{ width: `${(100 * value) / most}%`, background: tone && 'var(--tone)', boxShadow: 'none' }}
                />
              </div>
            </Table.Td>
            <Table.Td w={64} ta="end">
              {to ? (
                <Anchor component={Link} to={to} size="sm">
                  <Count of={value} />
                </Anchor>
              ) : (
                <Count of={value} />
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function ByStage({ figures, suffix }: { figures: AgreementFigures; suffix: string }) {
  const { t } = useTranslation();
  return (
    <Section title={t('figures.byStage')}>
      <Bars
        rows={figures.byStage
          .filter(({ count }) => count > 0)
          .map(({ stage, count }) => ({
            id: stage.id,
            label: (
              <Group gap={6} wrap="nowrap" data-tone={stage.kind} style={{ boxShadow: 'none' }}>
                <Shape kind={stage.kind} />
                {wordsOf(stage.labels)}
              </Group>
            ),
            value: count,
            tone: stage.kind,
            to: `/accords?vue=table&stage=${stage.id}${suffix}`,
          }))}
      />
    </Section>
  );
}

function Ageing({ figures, suffix }: { figures: AgreementFigures; suffix: string }) {
  const { t } = useTranslation();
  return (
    <Section title={t('figures.ageing')}>
      <Bars
        rows={figures.ageing.map(({ fromDays, untilDays, count }) => ({
          id: String(fromDays),
          label: untilDays
            ? t('figures.between', { from: fromDays, until: untilDays })
            : t('figures.over', { from: fromDays }),
          value: count,
          tone: fromDays >= 180 ? 'late' : 'signature',
          to: `/accords?vue=table&tri=waiting&kind=preparation,signature,signed,ratification${suffix}`,
        }))}
      />
    </Section>
  );
}

function PerStage({ figures, suffix }: { figures: AgreementFigures; suffix: string }) {
  const { t } = useTranslation();
  return (
    <Section title={t('figures.perStage')}>
      {figures.perStage.length === 0 ? (
        <None>{t('figures.noStays')}</None>
      ) : (
        <Table.ScrollContainer minWidth={480}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('agreements.facets.stage')}</Table.Th>
                <Table.Th ta="end">{t('figures.median')}</Table.Th>
                <Table.Th ta="end">{t('figures.middle')}</Table.Th>
                <Table.Th ta="end">{t('figures.trend')}</Table.Th>
                <Table.Th ta="end">{t('figures.stays')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {figures.perStage.map(({ stage, stays, median, lower, upper, recent }) => (
                <Table.Tr key={stage.id}>
                  <Table.Td>
                    <Anchor component={Link} to={`/accords?vue=table&stage=${stage.id}${suffix}`} size="sm">
                      {wordsOf(stage.labels)}
                    </Anchor>
                  </Table.Td>
                  <Table.Td ta="end">{formatNumber(Math.round(median))}</Table.Td>
                  <Table.Td ta="end">
                    {formatNumber(Math.round(lower))} – {formatNumber(Math.round(upper))}
                  </Table.Td>
                  <Table.Td ta="end">{recent === undefined ? t('common.none') : trendOf(recent, median)}</Table.Td>
                  <Table.Td ta="end">{formatNumber(stays)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}

/** The median of the last twelve months, and whether it is longer or shorter than over all time. */
const trendOf = (recent: number, median: number): string =>
  `${formatNumber(Math.round(recent))} ${recent > median ? '↑' : recent < median ? '↓' : '→'}`;

function Signatures({ figures }: { figures: AgreementFigures }) {
  const { t } = useTranslation();
  const { signaturesPerMonth: months } = figures;
  const most = Math.max(1, ...months.map(({ count }) => count));
  const total = months.reduce((sum, { count }) => sum + count, 0);
  return (
    <Section title={t('figures.signatures')} count={total}>
      <div className="columns" aria-hidden dir="ltr">
        {months.map(({ month, count }) => (
          <div key={month} style={{ height: `${(100 * count) / most}%` }} title={`${formatMonth(month)} : ${count}`} />
        ))}
      </div>
      <Group justify="space-between" dir="ltr" aria-hidden>
        <Text size="xs" c="dimmed">
          {formatMonth(months[0]!.month)}
        </Text>
        <Text size="xs" c="dimmed">
          {formatMonth(months.at(-1)!.month)}
        </Text>
      </Group>
      <details>
        <summary>{t('figures.asTable')}</summary>
        <Table>
          <Table.Tbody>
            {months
              .filter(({ count }) => count > 0)
              .map(({ month, count }) => (
                <Table.Tr key={month}>
                  <Table.Td>{formatMonth(month)}</Table.Td>
                  <Table.Td ta="end">{formatNumber(count)}</Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </details>
    </Section>
  );
}

function Milestones() {
  const { t } = useTranslation();
  const milestones = useQuery({
    queryKey: ['projects', 'figures'],
    queryFn: () => read('projects/figures'),
  });
  const tones: Partial<Record<keyof MilestoneFigures, string>> = {
    onTime: 'active',
    late: 'suspended',
    overdue: 'late',
  };
  return (
    <Section title={t('figures.milestones')}>
      <Fetched query={milestones}>
        {(data) => (
          <Bars
            rows={(Object.keys(data) as (keyof MilestoneFigures)[]).map((standing) => ({
              id: standing,
              label: t(`figures.standing.${standing}`),
              value: data[standing],
              tone: tones[standing] ?? 'preparation',
              to: '/projets?vue=timeline',
            }))}
          />
        )}
      </Fetched>
    </Section>
  );
}
