import { Anchor, Badge, Button, Grid, Group, List, Paper, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowLeft, IconLock } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { AgreementView, TransitionView } from '#agreements';
import type { ProjectSummary } from '#projects';
import { mayPass, read } from '../api.js';
import { eventName, sayDate, withAcronym, wordsOf } from '../language/index.js';
import { type Happening, useHappenings } from '../live.js';
import { useMe } from '../me.js';
import { useAddress } from '../parts/address.js';
import { ChangeParticulars } from '../parts/change-particulars.js';
import { Fact } from '../parts/fact.js';
import { Fetched } from '../parts/fetched.js';
import { FollowUps } from '../parts/follow-ups.js';
import { History } from '../parts/history.js';
import { LegalEffect } from '../parts/legal-effect.js';
import { PathPicture } from '../parts/lifecycle-picture.js';
import { useLifecycles } from '../parts/lifecycles.js';
import { LinkProject } from '../parts/link-project.js';
import { LinkedAgreements } from '../parts/linked-agreements.js';
import { DueBadge, Parties, StageBadge, StatusBadge, WaitingBadge } from '../parts/marks.js';
import { Notes } from '../parts/notes.js';
import { Override } from '../parts/override.js';
import { PageTitle } from '../parts/page-title.js';
import { NextReminder } from '../parts/reminders/next-reminder.js';
import { Section } from '../parts/section.js';
import { Signatures } from '../parts/signatures.js';
import { type Moment, NotThen, TimeSlider, useMoment } from '../parts/time-slider.js';
import { TransitionDialog } from '../parts/transition-dialog.js';
import { Documents, Visas } from '../parts/visas-and-documents.js';
import { type Names } from '../parts/words.js';

export default function AgreementPage() {
  const { id = '' } = useParams();
  const [moment, setMoment] = useMoment();
  const agreement = useQuery({
    queryKey: ['agreement', id, moment],
    queryFn: () => read('agreements/{id}', { id, ...moment }),
    placeholderData: keepPreviousData,
  });
  if (agreement.isError && moment && !mayPass(agreement.error)) return <NotThen onBack={() => setMoment(undefined)} />;
  return (
    <Fetched query={agreement}>{(data) => <Agreement agreement={data} moment={moment} onMoment={setMoment} />}</Fetched>
  );
}

function Agreement({
  agreement,
  moment,
  onMoment,
}: {
  agreement: AgreementView;
  moment: Moment | undefined;
  onMoment: (moment: Moment | undefined) => void;
}) {
  const { t } = useTranslation();
  useColleagues(agreement.id);
  const linked = agreement.projects.map(({ project }) => project).join(',');
  const projects = useQuery({
    queryKey: ['projects', 'of', linked],
    queryFn: () => read('projects', { ids: linked, limit: '200' }),
    enabled: linked !== '',
  });
  return (
    <Stack gap="lg">
      <div>
        <Anchor component={Link} to="/accords" size="sm">
          <Group gap={4}>
            <IconArrowLeft size={14} className="flips" />
            {t('agreements.title')}
          </Group>
        </Anchor>
        <PageTitle
          title={agreement.title}
          subtitle={
            <Group gap="sm" mt={6}>
              <StageBadge stage={agreement.stage} />
              <Text size="sm">{t(`type.${agreement.type}`)}</Text>
              {agreement.waiting && <WaitingBadge waiting={agreement.waiting} />}
              {agreement.due && <DueBadge due={agreement.due} />}
              {agreement.confidential && (
                <Badge color="gray" variant="outline" leftSection={<IconLock size={12} aria-hidden />}>
                  {t('agreement.confidential')}
                </Badge>
              )}
            </Group>
          }
        />
      </div>
      <TimeSlider of={{ kind: 'agreements', id: agreement.id }} moment={moment} onMoment={onMoment} />
      <fieldset className="past" disabled={moment !== undefined}>
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 8 }}>
            <Stack gap="lg">
              <StagePath agreement={agreement} />
              <Signatures agreement={agreement} />
              {agreement.visas.length > 0 && <Visas agreement={agreement} />}
              <Documents agreement={agreement} />
              <FollowUps agreement={agreement} />
              <Notes agreement={agreement} asOf={moment?.asOf} />
              <LinkedAgreements agreement={agreement} />
              <Projects agreement={agreement} projects={projects.data?.items ?? []} />
              <History
                of={{ kind: 'agreements', id: agreement.id }}
                names={namesOf(agreement, projects.data?.items ?? [])}
                asOf={moment?.asOf}
              />
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}>
            <Stack gap="lg">
              {moment === undefined && <Next agreement={agreement} />}
              <LegalEffect agreement={agreement} />
              <Facts agreement={agreement} />
            </Stack>
          </Grid.Col>
        </Grid>
      </fieldset>
    </Stack>
  );
}

function StagePath({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const { lifecycle, stage, path, allowedTransitions, deadlines } = agreement;
  const lifecycles = useLifecycles();
  const definition = lifecycles.data?.items.find(
    ({ id, version }) => id === lifecycle.id && version === lifecycle.version,
  )?.definition;
  const until = sayDate(deadlines.stage);
  const notes = new Map(path.map(({ id, since }) => [id, sayDate(since) ?? '']));
  if (until) notes.set(stage.id, `${notes.get(stage.id)}, ${t('picture.until', { date: until })}`);
  return (
    <Section title={t('agreement.path')}>
      {definition && (
        <PathPicture
          definition={definition}
          path={path}
          next={allowedTransitions.filter(({ reasonRequired }) => !reasonRequired).map(({ to }) => to.id)}
          notes={notes}
        />
      )}
      <ol className={definition ? 'path for-readers' : 'path'}>
        {agreement.path.map((stage, index) => (
          <li
            key={`${stage.id}-${stage.since?.edtf}`}
            aria-current={index === agreement.path.length - 1 ? 'step' : undefined}
          >
            <Stack gap={2}>
              <StageBadge stage={stage} />
              <Text size="xs" c="dimmed">
                {sayDate(stage.since)}
              </Text>
            </Stack>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Projects({ agreement, projects }: { agreement: AgreementView; projects: ProjectSummary[] }) {
  const { t } = useTranslation();
  const known = new Map(projects.map((project) => [project.id, project]));
  return (
    <Section title={t('agreement.projects')}>
      {agreement.projects.length === 0 && <Text c="dimmed">{t('agreement.noProjects')}</Text>}
      <Stack gap="sm">
        {agreement.projects.map(({ project, trigger }) => {
          const summary = known.get(project);
          return (
            <Paper key={project} withBorder p="md" data-project={project}>
              <Group justify="space-between" wrap="nowrap">
                <Stack gap={2}>
                  <Anchor component={Link} to={`/projets/${project}`} fw={600} size="sm">
                    {summary ? withAcronym(summary.acronym, summary.title) : project}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {t(`agreement.trigger.${trigger}`)}
                    {summary?.startedOn && ` · ${t('project.started')} : ${sayDate(summary.startedOn)}`}
                  </Text>
                </Stack>
                {summary && <StatusBadge status={summary.status} />}
              </Group>
            </Paper>
          );
        })}
        <div>
          <LinkProject agreement={agreement} />
        </div>
      </Stack>
    </Section>
  );
}

/** Says, while one looks at an agreement, that a colleague has just changed it. */
function useColleagues(id: string): void {
  const { t } = useTranslation();
  const me = useMe();
  const listen = useCallback(
    ({ subject, actor, type }: Happening) => {
      if (subject !== `agreement/${id}` || actor === me.id) return;
      notifications.show({ message: t('agreement.changedByOther', { what: eventName(type) }) });
    },
    [id, me.id, t],
  );
  useHappenings(listen);
}

/** The one thing to do next first, with what stands in its way; whatever else is possible below it. */
function Next({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  const { get, set } = useAddress();
  const transitions = agreement.allowedTransitions;
  // In the address, so that the palette can ask for it too.
  const transition = transitions.find(({ id, allowed }) => id === get('passage') && allowed);
  const setTransition = (chosen: TransitionView | undefined) => set({ passage: chosen?.id });
  const first = transitions.find(({ automatic, reasonRequired, allowed }) => !automatic && !reasonRequired && allowed);
  return (
    <Section title={t('agreement.next')}>
      {transitions.length === 0 && <Text c="dimmed">{t('agreement.noNext')}</Text>}
      <Stack gap="xs">
        {transitions
          .filter(({ automatic }) => automatic)
          .filter(({ blockedBy }) => blockedBy.length > 0)
          .map((one) => (
            <Stack key={one.id} gap={2}>
              <Text size="sm" fw={600}>
                {wordsOf(one.labels)}
              </Text>
              <Blocked by={one.blockedBy} />
            </Stack>
          ))}
        {transitions
          .filter(({ automatic }) => !automatic)
          .sort((a, b) => Number(b === first) - Number(a === first))
          .map((one) => (
            <Stack key={one.id} gap={4}>
              <Button
                variant={one === first ? 'filled' : one.reasonRequired ? 'default' : 'light'}
                disabled={!one.allowed}
                onClick={() => setTransition(one)}
                fullWidth
                justify="flex-start"
                h="auto"
                mih={36}
                py={6}
                styles={{ label: { whiteSpace: 'normal', textAlign: 'start', lineHeight: 1.4 } }}
              >
                {wordsOf(one.labels)}
              </Button>
              {one.blockedBy.length > 0 && <Blocked by={one.blockedBy} />}
              <Override agreement={agreement} transition={one} />
            </Stack>
          ))}
      </Stack>
      {transition && (
        <TransitionDialog agreement={agreement} transition={transition} onClose={() => setTransition(undefined)} />
      )}
    </Section>
  );
}

const Blocked = ({ by }: { by: TransitionView['blockedBy'] }) => (
  <List size="sm" spacing={2} c="dimmed">
    {by.map(({ labels }) => (
      <List.Item key={labels.fr}>{wordsOf(labels)}</List.Item>
    ))}
  </List>
);

function Facts({ agreement }: { agreement: AgreementView }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder p="lg">
      <Stack gap="md">
        <Fact label={t('agreement.parties')}>
          <Parties parties={agreement.parties} />
        </Fact>
        <Fact label={t('agreement.inStageSince')}>{sayDate(agreement.stage.since)}</Fact>
        {agreement.signedOn && <Fact label={t('agreement.signedOn')}>{sayDate(agreement.signedOn)}</Fact>}
        {agreement.deadlines.stage && (
          <Fact label={t('agreement.stageDeadline')}>{sayDate(agreement.deadlines.stage)}</Fact>
        )}
        {agreement.deadlines.whole && (
          <Fact label={t('agreement.wholeDeadline')}>{sayDate(agreement.deadlines.whole)}</Fact>
        )}
        <Fact label={t('agreement.ages')}>
          {(['us', 'partner', 'paused'] as const)
            .filter((whose) => agreement.ages[whose] > 0)
            .map((whose) => t(`agreement.age.${whose}`, { count: agreement.ages[whose] }))
            .join(' · ') || t('common.none')}
        </Fact>
        <Fact label={t('agreement.lifecycle')}>
          <Anchor component={Link} to="/parcours" size="sm">
            {t('agreement.lifecycleVersion', agreement.lifecycle)}
          </Anchor>
        </Fact>
        <Fact label={t('agreement.owner')}>{agreement.owner?.name ?? t('agreement.noOwner')}</Fact>
        {agreement.framework && <Fact label={t('agreement.framework')}>{agreement.framework}</Fact>}
        {agreement.source && <Fact label={t('agreement.source')}>{agreement.source.document}</Fact>}
        <NextReminder kind="agreement" id={agreement.id} />
        <div>
          <ChangeParticulars agreement={agreement} />
        </div>
      </Stack>
    </Paper>
  );
}

function namesOf(agreement: AgreementView, projects: ProjectSummary[]): Names {
  return Object.fromEntries([
    ...agreement.parties.map(({ id, name }) => [id, name]),
    ...agreement.path.map(({ id, labels }) => [id, wordsOf(labels)]),
    ...agreement.visas.map(({ id, labels }) => [id, wordsOf(labels)]),
    ...projects.map(({ id, acronym, title }) => [id, acronym ?? title]),
  ]);
}
