import { Anchor, Paper, SegmentedControl, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ProjectView } from '#projects';
import { read } from '../api.js';
import { choices, formatMoney, sayDate, withAcronym } from '../language/index.js';
import { useAddress } from '../parts/address.js';
import { Fetched } from '../parts/fetched.js';
import { StatusBadge } from '../parts/marks.js';
import { Count, None } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';

const ProjectTimeline = lazy(() =>
  import('../parts/project-timeline.js').then(({ ProjectTimeline: Timeline }) => ({ default: Timeline })),
);
const VIEWS = ['list', 'timeline'] as const;

/** All projects, as a list or over the years. */
export default function ProjectsPage() {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  const view = get('vue') === 'timeline' ? 'timeline' : 'list';
  const filters = {
    q: get('q') || undefined,
    status: get('status') || undefined,
    programme: get('programme') || undefined,
  };
  const projects = useQuery({
    queryKey: ['projects', 'timeline', filters],
    queryFn: () => read('projects/timeline', { ...filters, limit: '200' }),
    placeholderData: keepPreviousData,
  });
  const programmes = useQuery({ queryKey: ['programmes'], queryFn: () => read('programmes') });
  const titles = new Map(programmes.data?.items.map(({ id, title }) => [id, title]));
  return (
    <>
      <PageTitle
        title={t('projects.title')}
        subtitle={
          projects.data && (
            <Count of={projects.data.items.length}>
              {t('projects.subtitle', { count: projects.data.items.length })}
            </Count>
          )
        }
      >
        <SegmentedControl
          value={view}
          onChange={(value) => set({ vue: value === 'list' ? undefined : value })}
          data={VIEWS.map((value) => ({ value, label: t(`projects.views.${value}`) }))}
          aria-label={t('agreements.view')}
        />
        <TextInput
          placeholder={t('common.search')}
          aria-label={t('common.search')}
          leftSection={<IconSearch size={16} />}
          value={get('q')}
          onChange={({ currentTarget }) => set({ q: currentTarget.value })}
          w={200}
        />
        <Select
          placeholder={t('projects.status')}
          aria-label={t('projects.status')}
          data={choices('status')}
          value={get('status') || null}
          onChange={(value) => set({ status: value ?? undefined })}
          clearable
          w={180}
        />
        <Select
          placeholder={t('projects.programme')}
          aria-label={t('projects.programme')}
          data={[...titles].map(([value, label]) => ({ value, label }))}
          value={get('programme') || null}
          onChange={(value) => set({ programme: value ?? undefined })}
          clearable
          w={220}
        />
      </PageTitle>
      <Fetched query={projects}>
        {({ items }) => {
          if (items.length === 0) return <None>{t('projects.empty')}</None>;
          if (view === 'timeline') {
            return (
              <Paper withBorder p="lg">
                <Suspense>
                  <ProjectTimeline projects={items} />
                </Suspense>
              </Paper>
            );
          }
          return <ProjectTable projects={items} programmes={titles} />;
        }}
      </Fetched>
    </>
  );
}

export function ProjectTable({ projects, programmes }: { projects: ProjectView[]; programmes: Map<string, string> }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={900}>
        <Table verticalSpacing="sm" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('projects.name')}</Table.Th>
              <Table.Th>{t('projects.status')}</Table.Th>
              <Table.Th>{t('projects.period')}</Table.Th>
              <Table.Th>{t('projects.end')}</Table.Th>
              <Table.Th>{t('projects.funding')}</Table.Th>
              <Table.Th>{t('projects.milestones')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {projects.map((project) => (
              <Row key={project.id} project={project} programme={programmes.get(project.programme ?? '')} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

function Row({ project, programme }: { project: ProjectView; programme: string | undefined }) {
  const { t } = useTranslation();
  const { computed, slippageDays } = project.ends;
  const reached = project.milestones.filter(({ status }) => status === 'reached').length;
  const open = project.milestones.filter(({ status }) => status === 'planned').length;
  return (
    <Table.Tr>
      <Table.Td maw={380}>
        <Stack gap={2}>
          <Anchor component={Link} to={`/projets/${project.id}`} fw={600} size="sm">
            {withAcronym(project.acronym, project.title)}
          </Anchor>
          <Text size="xs" c="dimmed">
            {programme}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td>
        <StatusBadge status={project.status} />
      </Table.Td>
      <Table.Td>{sayDate(project.period) ?? t('common.none')}</Table.Td>
      <Table.Td>
        {sayDate(computed) ?? t('common.none')}
        {slippageDays !== undefined && (
          <Text size="xs" c="var(--mantine-color-error)">
            {t('projects.slippage', { count: slippageDays })}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {project.funding.map(({ by, amount, currency }) => (
          <div key={`${by.id}-${amount}`}>
            {by.acronym ?? by.name}
            {amount && ` · ${formatMoney(amount, currency)}`}
          </div>
        ))}
      </Table.Td>
      <Table.Td>{reached + open > 0 ? `${reached} / ${reached + open}` : t('common.none')}</Table.Td>
    </Table.Tr>
  );
}
