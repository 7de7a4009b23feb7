import { Anchor, Paper, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import type { ProgrammeView } from '#programmes';
import type { ProjectSummary } from '#projects';
import { type Page, read } from '../api.js';
import { formatMoney, sayDate } from '../language/index.js';
import { Fetched } from '../parts/fetched.js';
import { StatusBadge } from '../parts/marks.js';
import { PageTitle } from '../parts/page-title.js';

export default function ProjectsPage() {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const q = parameters.get('q') ?? '';
  const projects = useQuery({
    queryKey: ['projects', q],
    queryFn: () => read<Page<ProjectSummary>>('projects', { q: q || undefined, limit: '200' }),
    placeholderData: keepPreviousData,
  });
  const programmes = useQuery({ queryKey: ['programmes'], queryFn: () => read<Page<ProgrammeView>>('programmes') });
  const titles = new Map(programmes.data?.items.map(({ id, title }) => [id, title]));
  return (
    <>
      <PageTitle
        title={t('projects.title')}
        subtitle={t('projects.subtitle', { count: projects.data?.items.length ?? 0 })}
      >
        <TextInput
          placeholder={t('common.search')}
          aria-label={t('common.search')}
          leftSection={<IconSearch size={16} />}
          value={q}
          onChange={(event) =>
            setParameters(event.currentTarget.value ? { q: event.currentTarget.value } : {}, { replace: true })
          }
          w={240}
        />
      </PageTitle>
      <Fetched query={projects}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('projects.empty')}</Text>
          ) : (
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
                    {items.map((project) => (
                      <Row key={project.id} project={project} programme={titles.get(project.programme ?? '')} />
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
            </Paper>
          )
        }
      </Fetched>
    </>
  );
}

function Row({ project, programme }: { project: ProjectSummary; programme: string | undefined }) {
  const { t } = useTranslation();
  const { computed, slippageDays } = project.ends;
  return (
    <Table.Tr>
      <Table.Td maw={380}>
        <Stack gap={2}>
          <Anchor component={Link} to={`/projets/${project.id}`} fw={600} size="sm">
            {project.acronym ? `${project.acronym} – ${project.title}` : project.title}
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
          <Text size="xs" c="red">
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
      <Table.Td>
        {project.milestones.reached + project.milestones.open > 0
          ? `${project.milestones.reached} / ${project.milestones.reached + project.milestones.open}`
          : t('common.none')}
      </Table.Td>
    </Table.Tr>
  );
}
