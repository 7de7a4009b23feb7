import { ActionIcon, Group, Text } from '@mantine/core';
import { IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { addDays, dateRange, daysBetween } from '#calendar/browser';
import type { ProjectView } from '#projects';
import { sayDate, today } from '../language/index.js';
import { STATUS_TONES } from './marks.js';

const LANE = 44;
const HEAD = 26;
const YEARS_ZOOM = [40, 80, 160, 320, 640] as const;

/** A span of days on the drawing; a vague end fades out over the days that it may mean. */
interface Bar {
  from: string;
  /** Up to where it may begin, and from where on it may end. */
  surelyFrom: string;
  surelyTo: string;
  to: string;
}

/** Projects over the years: what is stated vaguely is drawn with soft edges, what was reached is filled. */
export function ProjectTimeline({ projects, named = true }: { projects: ProjectView[]; named?: boolean }) {
  const { t } = useTranslation();
  const [zoom, setZoom] = useState(1);
  const now = today();
  const drawn = projects.map((project) => ({ project, bar: barOf(project, now), phases: phasesOf(project) }));
  const days = [
    now,
    ...drawn.flatMap(({ bar, phases, project }) => [
      ...(bar ? [bar.from, bar.to] : []),
      ...phases.flatMap(({ from, to }) => [from, to]),
      ...project.milestones.flatMap((one) => {
        const { earliest, latest } = rangeOf(one);
        return [earliest, latest].filter((day) => day !== undefined);
      }),
    ]),
  ].sort();
  const first = Number(days[0]!.slice(0, 4));
  const last = Number(days.at(-1)!.slice(0, 4)) + 1;
  const perYear = YEARS_ZOOM[zoom]!;
  const width = (last - first) * perYear;
  const x = (day: string) => (daysBetween(`${first}-01-01`, day) / 365.25) * perYear;
  const height = HEAD + drawn.length * LANE + 8;
  const years = Array.from({ length: last - first }, (_, index) => first + index);
  return (
    <>
      <Group justify="flex-end" gap={4} mb={4} className="no-print">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('timeline.out')}
          disabled={zoom === 0}
          onClick={() => setZoom(zoom - 1)}
        >
          <IconZoomOut size={18} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('timeline.in')}
          disabled={zoom === YEARS_ZOOM.length - 1}
          onClick={() => setZoom(zoom + 1)}
        >
          <IconZoomIn size={18} />
        </ActionIcon>
      </Group>
      <div className="timeline" dir="ltr">
        {named && (
          <div className="timeline-names" style={{ paddingTop: HEAD }}>
            {drawn.map(({ project }) => (
              <div key={project.id}>
                <Link to={`/projets/${project.id}`} title={project.title} dir="auto">
                  {project.acronym ?? project.title}
                </Link>
              </div>
            ))}
          </div>
        )}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
        <section className="drawing" tabIndex={0} aria-label={t('timeline.drawing')}>
          <svg width={width} height={height} role="img" aria-label={t('timeline.drawing')}>
            {years.map((year) => (
              <g key={year}>
                <line
                  x1={(year - first) * perYear}
                  x2={(year - first) * perYear}
                  y1={0}
                  y2={height}
                  className="timeline-year"
                />
                <text x={(year - first) * perYear + 5} y={16} className="timeline-text">
                  {year}
                </text>
              </g>
            ))}
            {drawn.map(({ project, bar, phases }, lane) => {
              const top = HEAD + lane * LANE;
              return (
                <g
                  key={project.id}
                  data-project={project.id}
                  data-tone={STATUS_TONES[project.status]}
                  className="timeline-lane"
                >
                  {bar && <SoftBar id={`${named}-${project.id}`} bar={bar} x={x} y={top + 12} />}
                  {phases.map(({ title, from, to }, index) => (
                    <rect
                      key={title}
                      x={x(from)}
                      width={Math.max(2, x(to) - x(from) - 1)}
                      y={top + 12}
                      height={16}
                      rx={3}
                      className="timeline-phase"
                      data-odd={index % 2 === 1 ? '' : undefined}
                    >
                      <title>{`${title} : ${sayDate({ edtf: from })} – ${sayDate({ edtf: to })}`}</title>
                    </rect>
                  ))}
                  {project.milestones.map((milestone) => {
                    const { earliest, latest } = rangeOf(milestone);
                    const day = earliest ?? latest;
                    if (day === undefined) return null;
                    const middle = latest && earliest ? (x(earliest) + x(latest)) / 2 : x(day);
                    const spread = latest && earliest ? x(latest) - x(earliest) : 0;
                    const date = milestone.reachedOn ?? milestone.plannedFor;
                    return (
                      <g key={milestone.milestone} data-status={milestone.status} className="timeline-milestone">
                        {spread > 3 && (
                          <rect x={middle - spread / 2} width={spread} y={top + 33} height={4} rx={2} opacity={0.35} />
                        )}
                        <path d={`M${middle} ${top + 29}l6 6l-6 6l-6 -6z`}>
                          <title>{`${milestone.title} : ${sayDate(date) ?? ''}`}</title>
                        </path>
                      </g>
                    );
                  })}
                </g>
              );
            })}
            <line x1={x(now)} x2={x(now)} y1={0} y2={height} className="timeline-today" />
          </svg>
        </section>
      </div>
      <Group gap="lg" mt="xs">
        <Text size="xs" c="dimmed">
          {t('timeline.legend')}
        </Text>
      </Group>
    </>
  );
}

function SoftBar({ id, bar, x, y }: { id: string; bar: Bar; x: (day: string) => number; y: number }) {
  const [from, surelyFrom, surelyTo, to] = [bar.from, bar.surelyFrom, bar.surelyTo, bar.to].map(x) as [
    number,
    number,
    number,
    number,
  ];
  const width = Math.max(3, to - from);
  const share = (at: number) => `${Math.min(100, Math.max(0, ((at - from) / width) * 100))}%`;
  return (
    <>
      <linearGradient id={`soft-${id}`}>
        <stop offset="0%" className="timeline-stop" stopOpacity={surelyFrom > from ? 0.1 : 1} />
        <stop offset={share(surelyFrom)} className="timeline-stop" />
        <stop offset={share(Math.max(surelyFrom, surelyTo))} className="timeline-stop" />
        <stop offset="100%" className="timeline-stop" stopOpacity={surelyTo < to ? 0.1 : 1} />
      </linearGradient>
      <rect x={from} width={width} y={y} height={16} rx={3} fill={`url(#soft-${id})`} />
    </>
  );
}

/** From the start to the end, as far as they are known; the stated period where nothing else is. */
function barOf({ startedOn, endedOn, period, ends, status }: ProjectView, now: string): Bar | undefined {
  const stated = period && splitPeriod(period.edtf);
  const start = startedOn ? dateRange(startedOn.edtf) : stated?.start;
  const end = endedOn ? dateRange(endedOn.edtf) : ends.computed ? dateRange(ends.computed.edtf) : stated?.end;
  // Begun by a day, nobody knows since when: it comes up over the year before.
  const from = start?.earliest ?? (start?.latest && addDays(start.latest, -365)) ?? end?.earliest;
  if (from === undefined) return undefined;
  const isOpen = end?.latest === undefined;
  const to = end?.latest ?? (status === 'implementation' && now > from ? now : from);
  return {
    from,
    surelyFrom: start?.latest && start.latest < to ? start.latest : from,
    surelyTo: isOpen ? (start?.latest ?? from) : (end.earliest ?? to),
    to: to > from ? to : from,
  };
}

/** The beginning and the end of a stated period, each as vague as it is. */
function splitPeriod(edtf: string) {
  const [first, last] = edtf.split('/') as [string, string | undefined];
  const rangeOfPoint = (point: string | undefined) =>
    point === undefined || point === '..' || point === 'unknown' ? undefined : dateRange(point);
  return { start: rangeOfPoint(first), end: rangeOfPoint(last ?? first) };
}

const phasesOf = ({ phases }: ProjectView) =>
  phases.flatMap(({ title, from, to }) => (from && to ? [{ title, from: from.edtf, to: to.edtf }] : []));

const rangeOf = ({ reachedOn, plannedFor }: ProjectView['milestones'][number]) =>
  dateRange((reachedOn && reachedOn.edtf !== 'unknown' ? reachedOn : plannedFor)?.edtf ?? 'unknown');
