import { Anchor, Button, Grid, Group, List, Stack, Text } from '@mantine/core';
import { IconArrowLeft, IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { BoardCard } from '#agreements';
import type { MeetingView } from '#meetings';
import type { ProjectView } from '#projects';
import { read } from '../api.js';
import { countryName, formatDay, formatInstant, sayDate, today, withAcronym, wordsOf } from '../language/index.js';
import { missingFor } from '../parts/agreements/board.js';
import { Fetched } from '../parts/fetched.js';
import { Country, DueBadge, StageBadge, StatusBadge, WaitingBadge } from '../parts/marks.js';
import { None } from '../parts/none.js';
import { PageTitle } from '../parts/page-title.js';
import { pageOf } from '../parts/places.js';
import { Section } from '../parts/section.js';
import { useSentences } from '../parts/words.js';

/** Everything with a partner, or with a country: the brief that one reads, or prints, before a meeting. */
export default function OrganisationPage() {
  const { id, country } = useParams();
  const organisation = useQuery({
    queryKey: ['organisation', id],
    queryFn: () => read('organisations/{id}', { id: id! }),
    enabled: id !== undefined,
  });
  if (country) return <Brief title={countryName(country)} country={country} filter={{ country }} />;
  return (
    <Fetched query={organisation}>
      {({ name, acronym, country: own }) => (
        <Brief
          title={acronym ? `${name} (${acronym})` : name}
          country={own ?? undefined}
          filter={{ party: id! }}
          organisation={id!}
        />
      )}
    </Fetched>
  );
}

function Brief({
  title,
  country,
  filter,
  organisation,
}: {
  title: string;
  country: string | undefined;
  filter: Record<string, string>;
  organisation?: string;
}) {
  const { t } = useTranslation();
  const board = useQuery({
    queryKey: ['agreements', 'board', filter],
    queryFn: () => read('agreements/board', filter),
  });
  const projects = useQuery({
    queryKey: ['projects', 'timeline', { organisation }],
    queryFn: () => read('projects/timeline', { organisation, limit: '200' }),
  });
  const meetings = useQuery({
    queryKey: ['meetings', country],
    queryFn: () => read('meetings', { country, limit: '50' }),
    enabled: country !== undefined,
  });
  const isRead = board.data !== undefined && projects.data !== undefined && !meetings.isLoading;
  const cards = board.data?.columns.flatMap(({ agreements }) => agreements) ?? [];
  const pending = cards.filter(({ stage }) => !['active', 'suspended', 'ended'].includes(stage.kind));
  const others = cards.filter((card) => !pending.includes(card));
  const shown = (projects.data?.items ?? []).filter(
    (project) => organisation !== undefined || concerns(project, country, cards),
  );
  return (
    <>
      <Anchor component={Link} to="/organisations" size="sm" className="no-print">
        <Group gap={4}>
          <IconArrowLeft size={14} className="flips" />
          {t('nav.organisations')}
        </Group>
      </Anchor>
      <PageTitle
        title={title}
        subtitle={
          <Group gap="xs">
            {country && <Country code={country} />}
            {t('brief.asOf', { date: formatDay(today()) })}
          </Group>
        }
      >
        <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
          {t('brief.print')}
        </Button>
      </PageTitle>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="lg">
            <Section title={t('brief.pending')} count={board.data && pending.length}>
              {board.data && pending.length === 0 && <None>{t('brief.nothingPending')}</None>}
              {pending.map((card) => (
                <Pending key={card.id} card={card} />
              ))}
            </Section>
            <Changes isRead={isRead} cards={cards} projects={shown} meetings={meetings.data?.items ?? []} />
            {others.length > 0 && (
              <Section title={t('brief.others')} count={others.length}>
                {others.map((card) => (
                  <Link key={card.id} to={`/accords/${card.id}`} className="row-link">
                    <Group justify="space-between" wrap="nowrap">
                      <Text size="sm">{card.title}</Text>
                      <StageBadge stage={card.stage} />
                    </Group>
                  </Link>
                ))}
              </Section>
            )}
            {shown.length > 0 && (
              <Section title={t('projects.title')} count={shown.length}>
                {shown.map((project) => (
                  <Link key={project.id} to={`/projets/${project.id}`} className="row-link">
                    <Group justify="space-between" wrap="nowrap">
                      <Text size="sm">{withAcronym(project.acronym, project.title)}</Text>
                      <StatusBadge status={project.status} />
                    </Group>
                  </Link>
                ))}
              </Section>
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="lg">
            <Commitments cards={cards} projects={shown} meetings={meetings.data?.items ?? []} />
            <Section title={t('meetings.title')} count={meetings.data?.items.length}>
              {meetings.data?.items.length === 0 && <None>{t('meetings.empty')}</None>}
              <Stack gap="sm">
                {meetings.data?.items.slice(0, 10).map(({ id, kind, heldOn, occasion }) => (
                  <Stack key={id} gap={0}>
                    <Anchor component={Link} to={pageOf({ kind: 'meeting', id })} size="sm">
                      {sayDate(heldOn)}
                    </Anchor>
                    <Text size="sm">{occasion ?? t(`meetings.kinds.${kind}`)}</Text>
                  </Stack>
                ))}
              </Stack>
            </Section>
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

const concerns = (project: ProjectView, country: string | undefined, cards: BoardCard[]): boolean =>
  project.partners.some((partner) => (partner.organisation?.country ?? partner.country) === country) ||
  project.funding.some(({ by }) => by.country === country) ||
  cards.some(({ id }) => id === project.agreement);

/** What is pending, and why. */
function Pending({ card }: { card: BoardCard }) {
  const blocked = missingFor(card);
  return (
    <Link to={`/accords/${card.id}`} className="row-link" data-pending={card.id}>
      <Stack gap={4}>
        <Text size="sm" fw={600}>
          {card.title}
        </Text>
        <Group gap={6}>
          <StageBadge stage={card.stage} />
          {card.waiting && <WaitingBadge waiting={card.waiting} />}
          {card.due && <DueBadge due={card.due} />}
        </Group>
        {blocked.length > 0 && (
          <List size="sm" c="dimmed">
            {blocked.slice(0, 4).map((why) => (
              <List.Item key={why}>{why}</List.Item>
            ))}
          </List>
        )}
      </Stack>
    </Link>
  );
}

interface Concerned {
  cards: BoardCard[];
  projects: ProjectView[];
  meetings: MeetingView[];
}

const idsOf = ({ cards, projects, meetings }: Concerned) => [...cards, ...projects, ...meetings].map(({ id }) => id);

/** What has changed since the last meeting that was held. */
function Changes({ isRead, ...concerned }: Concerned & { isRead: boolean }) {
  const { t } = useTranslation();
  const sentence = useSentences();
  const last = concerned.meetings
    .map(({ heldOn }) => heldOn.edtf)
    .find((day) => /^\d{4}-\d{2}-\d{2}$/.test(day) && day < today());
  const subject = idsOf(concerned).join(',');
  const story = useQuery({
    queryKey: ['story', 'brief', subject, last],
    queryFn: () => read('audit/events', { subject, from: last, limit: '20', category: 'agreement,project,meeting' }),
    enabled: subject !== '',
  });
  return (
    <Section title={last ? t('brief.since', { date: formatDay(last) }) : t('today.recent')}>
      {isRead && (subject === '' || story.data?.items.length === 0) && <None>{t('today.unchanged')}</None>}
      <Stack gap="sm">
        {story.data?.items.map((entry) => (
          <Stack key={entry.id} gap={0}>
            <Text size="sm">
              <b>{sentence(entry, story.data.names)}</b> – {entry.title}
            </Text>
            <Text size="xs" c="dimmed">
              {sayDate(entry.effectiveOn)} · {formatInstant(entry.recordedAt)}
            </Text>
          </Stack>
        ))}
      </Stack>
    </Section>
  );
}

/** What was agreed, is due or is owed, and not done yet. */
function Commitments(concerned: Concerned) {
  const { t } = useTranslation();
  const agenda = useQuery({
    queryKey: ['agenda', 'all', 'brief'],
    queryFn: () => read('agenda', { scope: 'all', from: '1900-01-01' }),
  });
  const ids = new Set(idsOf(concerned));
  const open = (agenda.data?.items ?? []).filter(({ subject, isDated }) => isDated && ids.has(subject.id));
  const undated = concerned.meetings.flatMap(({ followUps }) => followUps.filter(({ done, dueOn }) => !done && !dueOn));
  return (
    <Section title={t('brief.commitments')} count={agenda.data && open.length + undated.length}>
      {agenda.data && open.length + undated.length === 0 && <None>{t('brief.noCommitments')}</None>}
      <Stack gap="sm">
        {open.map((item) => (
          <Stack key={`${item.subject.id} ${item.sentence.fr}`} gap={0}>
            <Anchor component={Link} to={pageOf(item.subject)} size="sm">
              {item.subject.title}
            </Anchor>
            <Text size="sm" {...(item.isOver && { c: 'var(--mantine-color-error)' })}>
              {wordsOf(item.sentence)}
            </Text>
          </Stack>
        ))}
        {undated.map(({ followUp, title }) => (
          <Text key={followUp} size="sm">
            {title}
          </Text>
        ))}
      </Stack>
    </Section>
  );
}
