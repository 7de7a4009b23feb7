import { Anchor, Grid, Group, Paper, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { geoNaturalEarth1, geoPath } from 'd3-geo';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { feature } from 'topojson-client';
import world from 'world-atlas/land-110m.json';
import type { AgreementFigures } from '#agreements';
import { read } from '../api.js';
import { countryName, formatNumber } from '../language/index.js';
import { Fetched } from '../parts/fetched.js';
import { CAPITALS } from '../parts/map/capitals.js';
import { Country } from '../parts/marks.js';
import { Count, None } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { useStanding } from '../standing.js';

const WIDTH = 960;
const HEIGHT = 500;
const land = feature(world as unknown as Parameters<typeof feature>[0], 'land');

/**
 * With which countries there are agreements. The map shows land and no borders, which are not a cooperation desk's to draw; each
 * country is a disc at its capital, and the table beside it says the same.
 */
export default function MapPage() {
  const { t } = useTranslation();
  const figures = useQuery({
    queryKey: ['agreements', 'figures', {}],
    queryFn: () => read('agreements/figures'),
  });
  return (
    <>
      <PageTitle title={t('nav.map')} subtitle={t('map.subtitle')} />
      <Fetched query={figures}>
        {({ byCountry }) => (
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, xl: 8 }}>
              <Paper withBorder p="sm">
                <World countries={byCountry} />
              </Paper>
            </Grid.Col>
            <Grid.Col span={{ base: 12, xl: 4 }}>
              <Paper withBorder>
                <Table verticalSpacing="xs" horizontalSpacing="xs">
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('map.country')}</Table.Th>
                      <Table.Th ta="end">{t('map.pending')}</Table.Th>
                      <Table.Th ta="end">{t('map.active')}</Table.Th>
                      <Table.Th ta="end">{t('map.all')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {byCountry.map(({ country, count, pending, active }) => (
                      <Table.Tr key={country}>
                        <Table.Td>
                          <Group gap={8} wrap="nowrap">
                            <Country code={country} />
                            <Anchor component={Link} to={`/pays/${country}`} size="sm">
                              {countryName(country)}
                            </Anchor>
                          </Group>
                        </Table.Td>
                        <Table.Td ta="end">
                          <Count of={pending} />
                        </Table.Td>
                        <Table.Td ta="end">
                          <Count of={active} />
                        </Table.Td>
                        <Table.Td ta="end">
                          <Anchor component={Link} to={`/accords?vue=table&country=${country}`} size="sm">
                            {formatNumber(count)}
                          </Anchor>
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
                {byCountry.length === 0 && <None p="md">{t('agreements.empty')}</None>}
              </Paper>
            </Grid.Col>
          </Grid>
        )}
      </Fetched>
    </>
  );
}

function World({ countries }: { countries: AgreementFigures['byCountry'] }) {
  const { t } = useTranslation();
  const { isInDoubt } = useStanding();
  const projection = geoNaturalEarth1().fitSize([WIDTH, HEIGHT], { type: 'Sphere' });
  const draw = geoPath(projection);
  const most = Math.max(1, ...countries.map(({ count }) => count));
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" className="world">
      <title>{t('nav.map')}</title>
      <path d={draw({ type: 'Sphere' }) ?? ''} className="world-sea" />
      <path d={draw(land) ?? ''} className="world-land" />
      {countries.map(({ country, count, pending }) => {
        const at = CAPITALS.get(country);
        const [x, y] = (at && projection([at.longitude, at.latitude])) ?? [];
        if (x === undefined || y === undefined) return null;
        const radius = 7 + 13 * Math.sqrt(count / most);
        const called = countryName(country);
        const name = pending === 0 && isInDoubt ? called : t('map.disc', { country: called, count, pending });
        return (
          <Link key={country} to={`/pays/${country}`} aria-label={name}>
            <g className="world-disc" data-tone={pending > 0 ? 'signature' : 'active'}>
              <title>{name}</title>
              <circle cx={x} cy={y} r={radius} />
              <text x={x} y={y + 4}>
                {count}
              </text>
            </g>
          </Link>
        );
      })}
    </svg>
  );
}
