import { Anchor, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ProgrammeView } from '#programmes';
import type { ProjectView } from '#projects';
import { read } from '../api.js';
import { sayDate, withAcronym } from '../language/index.js';
import { Fetched } from '../parts/fetched.js';
import { StatusBadge } from '../parts/marks.js';
import { None } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { pageOf } from '../parts/places.js';
import { Section } from '../parts/section.js';

/** The programmes, each with its partner and its projects. */
export default function ProgrammesPage() {
  const { t } = useTranslation();
  const programmes = useQuery({ queryKey: ['programmes'], queryFn: () => read('programmes') });
  const projects = useQuery({
    queryKey: ['projects', 'timeline', {}],
    queryFn: () => read('projects/timeline', { limit: '200' }),
  });
  return (
    <>
      <PageTitle title={t('nav.programmes')} subtitle={t('programmes.subtitle')} />
      <Fetched query={programmes}>
        {({ items }) =>
          items.length === 0 ? (
            <None>{t('programmes.empty')}</None>
          ) : (
            <Stack gap="lg" maw={960}>
              {items.map((programme) => (
                <Programme
                  key={programme.id}
                  programme={programme}
                  projects={projects.data?.items.filter((project) => project.programme === programme.id) ?? []}
                />
              ))}
            </Stack>
          )
        }
      </Fetched>
    </>
  );
}

function Programme({ programme, projects }: { programme: ProgrammeView; projects: ProjectView[] }) {
  const { t } = useTranslation();
  const { title, partner, managedBy, period, note } = programme;
  return (
    <Section title={title} count={projects.length}>
      <Group gap="lg" mb="sm">
        {partner && (
          <Anchor component={Link} to={pageOf({ kind: 'organisation', id: partner.id })} size="sm">
            {partner.name}
          </Anchor>
        )}
        {managedBy && (
          <Text size="sm" c="dimmed">
            {t('programmes.managedBy', { name: managedBy.acronym ?? managedBy.name })}
          </Text>
        )}
        {period && (
          <Text size="sm" c="dimmed">
            {sayDate({ edtf: period })}
          </Text>
        )}
      </Group>
      {note && (
        <Text size="sm" mb="sm">
          {note}
        </Text>
      )}
      {projects.map(({ id, title: name, acronym, status, period: years }) => (
        <Link key={id} to={`/projets/${id}`} className="row-link">
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm" fw={600}>
              {withAcronym(acronym, name)}
            </Text>
            <Group gap="sm" wrap="nowrap">
              <Text size="xs" c="dimmed" visibleFrom="sm">
                {sayDate(years)}
              </Text>
              <StatusBadge status={status} />
            </Group>
          </Group>
        </Link>
      ))}
    </Section>
  );
}
