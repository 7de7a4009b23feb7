import dagre from '@dagrejs/dagre';
import { useTranslation } from 'react-i18next';
import type { StageView } from '#agreements';
import type { LifecycleDefinition } from '#lifecycle';
import { LANGUAGES, spoken, wordsOf } from '../language/index.js';
import { Shape } from './tag.js';

type Stage = LifecycleDefinition['stages'][number];
type Transition = LifecycleDefinition['transitions'][number];
type Way = { from: string; to: string; kind: 'taken' | 'possible' | 'ahead'; transition?: Transition };

const NODE = { width: 168, height: 46 };
/** A stage with a note below its name is as high as two lines of each. */
const NOTED = { ...NODE, height: 68 };
const isFlipped = LANGUAGES[spoken].direction === 'rtl';

/** A lifecycle as a picture: every stage, and every transition that is no exception. */
export function LifecyclePicture({ definition }: { definition: LifecycleDefinition }) {
  const ways = definition.transitions
    .filter(({ exceptional }) => !exceptional)
    .flatMap((transition) =>
      transition.from.map((from): Way => ({ from, to: transition.to, kind: 'possible', transition })),
    );
  return <Drawing definition={definition} stages={definition.stages.map(({ id }) => id)} ways={ways} />;
}

/** Where an agreement stands: the path that it took, its present stage, what can come next, and the way from there into force. */
export function PathPicture({
  definition,
  path,
  next,
  notes,
}: {
  definition: LifecycleDefinition;
  path: StageView[];
  /** The stages that can come next. */
  next: string[];
  /** What is said of a stage: since when, until when. */
  notes: ReadonlyMap<string, string>;
}) {
  const current = path.at(-1)!.id;
  const taken = path.slice(1).map((stage, index): Way => ({ from: path[index]!.id, to: stage.id, kind: 'taken' }));
  const possible = next.map((to): Way => ({ from: current, to, kind: 'possible' }));
  const ahead = routeIntoForce(definition, current);
  const ways = [...new Map([...ahead, ...possible, ...taken].map((way) => [`${way.from} ${way.to}`, way])).values()];
  const stages = [...new Set([...path.map(({ id }) => id), ...ways.flatMap(({ from, to }) => [from, to])])];
  return <Drawing definition={definition} stages={stages} ways={ways} current={current} notes={notes} />;
}

/** The shortest way from a stage to one of those in which an agreement is in force, exceptions left aside. */
function routeIntoForce({ stages, transitions }: LifecycleDefinition, from: string): Way[] {
  const kinds = new Map(stages.map(({ id, kind }) => [id, kind]));
  if (['active', 'suspended', 'ended'].includes(kinds.get(from) ?? '')) return [];
  const cameFrom = new Map<string, string>();
  const queue = [from];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (kinds.get(at) === 'active') return backFrom(at, cameFrom);
    for (const { from: sources, to, exceptional } of transitions) {
      if (exceptional || !sources.includes(at) || to === from || cameFrom.has(to) || kinds.get(to) === 'ended')
        continue;
      cameFrom.set(to, at);
      queue.push(to);
    }
  }
  return [];
}

function backFrom(end: string, cameFrom: Map<string, string>): Way[] {
  const before = cameFrom.get(end);
  return before === undefined ? [] : [...backFrom(before, cameFrom), { from: before, to: end, kind: 'ahead' }];
}

function Drawing({
  definition,
  stages,
  ways,
  current,
  notes,
}: {
  definition: LifecycleDefinition;
  stages: string[];
  ways: Way[];
  current?: string;
  notes?: ReadonlyMap<string, string>;
}) {
  const { t } = useTranslation();
  const known = new Map(definition.stages.map((stage) => [stage.id, stage]));
  const drawn = stages.flatMap((id) => known.get(id) ?? []);
  const { nodes, edges, width, height } = laidOut(drawn, ways, notes);
  const reached = new Set(ways.filter(({ kind }) => kind === 'taken').flatMap(({ from, to }) => [from, to]));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="drawing" tabIndex={0} aria-label={t('picture.label')}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('picture.label')}>
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerUnits="userSpaceOnUse"
            markerWidth="9"
            markerHeight="9"
            orient="auto-start-reverse"
          >
            <path d="M0 0L8 4L0 8z" className="picture-arrow" />
          </marker>
        </defs>
        {edges.map(({ way, line }) => (
          <path
            key={`${way.from} ${way.to}`}
            d={line}
            className="picture-way"
            data-kind={way.kind}
            markerEnd="url(#arrow)"
          >
            {way.transition && <title>{wordsOf(way.transition.labels)}</title>}
          </path>
        ))}
        {nodes.map(({ stage, x, y, height }) => (
          <foreignObject key={stage.id} x={x} y={y} width={NODE.width} height={height} overflow="visible">
            <div
              className="picture-stage"
              data-tone={stage.kind}
              data-current={stage.id === current ? '' : undefined}
              data-ahead={current && stage.id !== current && !reached.has(stage.id) ? '' : undefined}
            >
              <Shape kind={stage.kind} />
              <span>
                {wordsOf(stage.labels)}
                {notes?.has(stage.id) && <small>{notes.get(stage.id)}</small>}
              </span>
            </div>
          </foreignObject>
        ))}
      </svg>
    </section>
  );
}

function laidOut(stages: Stage[], ways: Way[], notes?: ReadonlyMap<string, string>) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: isFlipped ? 'RL' : 'LR', nodesep: 18, ranksep: 44, marginx: 4, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of stages) graph.setNode(id, { ...(notes?.has(id) ? NOTED : NODE) });
  for (const { from, to } of ways) if (graph.hasNode(from) && graph.hasNode(to)) graph.setEdge(from, to);
  dagre.layout(graph);
  const nodes = stages.map((stage) => {
    const { x, y, height } = graph.node(stage.id) as { x: number; y: number; height: number };
    return { stage, x: x - NODE.width / 2, y: y - height / 2, height };
  });
  const edges = ways.flatMap((way) => {
    const edge = graph.edge(way.from, way.to) as { points: { x: number; y: number }[] } | undefined;
    return edge ? [{ way, line: curve(edge.points) }] : [];
  });
  const { width = 0, height = 0 } = graph.graph();
  return { nodes, edges, width: Math.ceil(width) + 8, height: Math.ceil(height) + 8 };
}

/** A line through points, bent at each half way. */
function curve(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points as [{ x: number; y: number }, ...{ x: number; y: number }[]];
  const bends = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1]!;
    return `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  const last = rest.at(-1)!;
  return `M${first.x} ${first.y}${bends.join('')}L${last.x} ${last.y}`;
}
