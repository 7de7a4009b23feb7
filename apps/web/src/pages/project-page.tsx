import { Alert, Anchor, Badge, Grid, Group, List, Paper, Stack, Table, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconArrowLeft, IconCheck, IconClock, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { ProjectView } from '#projects';
import { mayPass, read } from '../api.js';
import { formatMoney, sayDate, withAcronym } from '../language/index.js';
import { Fact } from '../parts/fact.js';
import { Fetched } from '../parts/fetched.js';
import { History } from '../parts/history.js';
import { Country, StatusBadge } from '../parts/marks.js';
import { PageTitle } from '../parts/page-title.js';
import { MilestoneActions, ProjectActions } from '../parts/project-actions.js';
import { ProjectTimeline } from '../parts/project-timeline.js';
import { NextReminder } from '../parts/reminders/next-reminder.js';
import { Section } from '../parts/section.js';
import { type Moment, NotThen, TimeSlider, useMoment } from '../parts/time-slider.js';
import { type Names } from '../parts/words.js';

export default function ProjectPage() {
  const { id = '' } = useParams();
  const [moment, setMoment] = useMoment();
  const project = useQuery({
    queryKey: ['project', id, moment],
    queryFn: () => read('projects/{id}', { id, ...moment }),
    placeholderData: keepPreviousData,
  });
  if (project.isError && moment && !mayPass(project.error)) return <NotThen onBack={() => setMoment(undefined)} />;
  return <Fetched query={project}>{(data) => <Project project={data} moment={moment} onMoment={setMoment} />}</Fetched>;
}

function Project({
  project,
  moment,
  onMoment,
}: {
  project: ProjectView;
  moment: Moment | undefined;
  onMoment: (moment: Moment | undefined) => void;
}) {
  const { t } = useTranslation();
  const { stated, computed, slippageDays } = project.ends;
  return (
    <Stack gap="lg">
      <div>
        <Anchor component={Link} to="/projets" size="sm">
          <Group gap={4}>
            <IconArrowLeft size={14} className="flips" />
            {t('projects.title')}
          </Group>
        </Anchor>
        <PageTitle
          title={withAcronym(project.acronym, project.title)}
          subtitle={
            <Group gap="sm" mt={6}>
              <StatusBadge status={project.status} />
              {project.period && <Text size="sm">{sayDate(project.period)}</Text>}
            </Group>
          }
        >
          {moment === undefined && <ProjectActions project={project} />}
        </PageTitle>
      </div>
      <TimeSlider of={{ kind: 'projects', id: project.id }} moment={moment} onMoment={onMoment} />
      {slippageDays !== undefined && computed && stated && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle />} data-slippage>
          {t('project.computedEnd')} : {sayDate(computed)}. {t('project.statedEnd')} : {sayDate(stated)}.{' '}
          {t('projects.slippage', { count: slippageDays })}.
        </Alert>
      )}
      <fieldset className="past" disabled={moment !== undefined}>
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 8 }}>
            <Stack gap="lg">
              {(project.phases.length > 0 || project.milestones.length > 0 || project.period) && (
                <Section title={t('timeline.title')}>
                  <ProjectTimeline projects={[project]} named={false} />
                </Section>
              )}
              <Phases project={project} />
              <Milestones project={project} />
              <Reports project={project} />
              <Partners project={project} />
              <History of={{ kind: 'projects', id: project.id }} names={namesOf(project)} asOf={moment?.asOf} />
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}>
            <Facts project={project} />
          </Grid.Col>
        </Grid>
      </fieldset>
    </Stack>
  );
}

function Phases({ project }: { project: ProjectView }) {
  const { t } = useTranslation();
  if (project.phases.length === 0) return null;
  return (
    <Section title={t('project.phases')}>
      <Table>
        <Table.Tbody>
          {project.phases.map(({ title, months, from, to }) => (
            <Table.Tr key={title}>
              <Table.Td fw={600}>{title}</Table.Td>
              <Table.Td>{t('project.months', { count: months })}</Table.Td>
              <Table.Td>{from && to ? `${sayDate(from)} – ${sayDate(to)}` : t('common.none')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

const MILESTONE_MARKS = {
  planned: { colour: 'gray', icon: IconClock },
  reached: { colour: 'green', icon: IconCheck },
  dropped: { colour: 'red', icon: IconX },
};

function Milestones({ project }: { project: ProjectView }) {
  const { t } = useTranslation();
  const when = ({ status, plannedFor, reachedOn }: ProjectView['milestones'][number]) => {
    if (status === 'dropped') return t('project.dropped');
    if (status === 'planned')
      return plannedFor ? t('project.planned', { date: sayDate(plannedFor) }) : t('common.unknownDate');
    return !reachedOn || reachedOn.edtf === 'unknown'
      ? t('project.reachedUndated')
      : t('project.reached', { date: sayDate(reachedOn) });
  };
  return (
    <Section title={t('project.milestones')}>
      {project.milestones.length === 0 && <Text c="dimmed">{t('project.noMilestones')}</Text>}
      <Stack gap="sm">
        {project.milestones.map((milestone) => {
          const { colour, icon: Icon } = MILESTONE_MARKS[milestone.status];
          return (
            <Group
              key={milestone.milestone}
              gap="sm"
              wrap="nowrap"
              align="flex-start"
              data-milestone={milestone.milestone}
            >
              <ThemeIcon size={22} radius="xl" variant="light" color={colour}>
                <Icon size={13} />
              </ThemeIcon>
              <Stack gap={0} style={{ flex: 1 }}>
                <Text size="sm" fw={600}>
                  {milestone.title}
                </Text>
                <Text size="sm" c="dimmed">
                  {when(milestone)}
                  {milestone.recurrence && ` · ${t('project.recurs', { words: milestone.recurrence.words })}`}
                  {milestone.note && ` · ${milestone.note}`}
                </Text>
              </Stack>
              {milestone.format && (
                <Badge variant="default" size="sm" tt="none">
                  {milestone.format}
                </Badge>
              )}
              {milestone.status === 'planned' && <MilestoneActions project={project} milestone={milestone} />}
            </Group>
          );
        })}
      </Stack>
    </Section>
  );
}

function Reports({ project }: { project: ProjectView }) {
  const { t } = useTranslation();
  if (project.reports.length === 0) return null;
  return (
    <Section title={t('project.reports')}>
      <Stack gap="md">
        {project.reports.map(({ report, text, reportedOn }) => (
          <Stack key={report} gap={2}>
            <Text size="sm" fw={600}>
              {report}
            </Text>
            <Text size="xs" c="dimmed">
              {sayDate(reportedOn)}
            </Text>
            <Text size="sm" className="message">
              {text}
            </Text>
          </Stack>
        ))}
      </Stack>
    </Section>
  );
}

function Partners({ project }: { project: ProjectView }) {
  const { t } = useTranslation();
  if (project.partners.length === 0) return null;
  return (
    <Section title={t('project.partners')}>
      <Table>
        <Table.Tbody>
          {project.partners.map(({ organisation, role, country, note }) => (
            <Table.Tr key={`${organisation?.id}-${role}`}>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  <Country code={organisation?.country ?? country} />
                  <div>
                    {organisation ? (
                      organisation.name
                    ) : (
                      <Badge color="orange" variant="light" tt="none">
                        {t('toDesignate')}
                      </Badge>
                    )}
                    {note && (
                      <Text size="xs" c="dimmed">
                        {note}
                      </Text>
                    )}
                  </div>
                </Group>
              </Table.Td>
              <Table.Td>{t(`role.${role}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function Facts({ project }: { project: ProjectView }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder p="lg">
      <Stack gap="md">
        {project.owner && <Fact label={t('agreement.owner')}>{project.owner.name}</Fact>}
        <NextReminder kind="project" id={project.id} />
        {project.startedOn && <Fact label={t('project.started')}>{sayDate(project.startedOn)}</Fact>}
        {project.ends.stated && <Fact label={t('project.statedEnd')}>{sayDate(project.ends.stated)}</Fact>}
        {project.ends.computed && <Fact label={t('project.computedEnd')}>{sayDate(project.ends.computed)}</Fact>}
        {project.agreement && (
          <Fact label={t('project.agreement')}>
            <Anchor component={Link} to={`/accords/${project.agreement}`} size="sm">
              {project.agreement}
            </Anchor>
          </Fact>
        )}
        {project.follows && (
          <Fact label={t('project.follows')}>
            <Anchor component={Link} to={`/projets/${project.follows}`} size="sm">
              {project.follows}
            </Anchor>
          </Fact>
        )}
        {project.strand && <Fact label={t('project.strand')}>{project.strand}</Fact>}
        {project.framework && <Fact label={t('project.framework')}>{project.framework}</Fact>}
        {project.waitingFor && <Fact label={t('project.waitingFor')}>{project.waitingFor}</Fact>}
        {project.proposedBy && <Fact label={t('project.proposedBy')}>{project.proposedBy.name}</Fact>}
        {project.funding.length > 0 && (
          <Fact label={t('project.funding')}>
            {project.funding.map(({ by, amount, currency }) => (
              <div key={`${by.id}-${amount}`}>
                {by.name} : {amount ? formatMoney(amount, currency) : t('noAmount')}
              </div>
            ))}
          </Fact>
        )}
        {project.objectives.length > 0 && (
          <Fact label={t('project.objectives')}>
            <List size="sm" spacing={4}>
              {project.objectives.map((objective) => (
                <List.Item key={objective}>{objective}</List.Item>
              ))}
            </List>
          </Fact>
        )}
      </Stack>
    </Paper>
  );
}

function namesOf(project: ProjectView): Names {
  return Object.fromEntries([
    ...project.partners.flatMap(({ organisation }) => (organisation ? [[organisation.id, organisation.name]] : [])),
    ...project.funding.map(({ by }) => [by.id, by.name]),
    ...project.milestones.map(({ milestone, title }) => [milestone, title]),
  ]);
}
