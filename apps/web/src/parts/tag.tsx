import type { ReactNode } from 'react';
import type { StageView } from '#agreements';

export type Tone = StageView['kind'] | 'late' | 'plain';

/** A stage's kind has one colour and one shape everywhere, so that it is told by those who do not see the colour too. */
const SHAPES: Record<StageView['kind'], ReactNode> = {
  preparation: (
    <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2 2" />
  ),
  signature: (
    <>
      <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M1.5 6a4.5 4.5 0 0 0 9 0z" fill="currentColor" />
    </>
  ),
  signed: (
    <path
      d="M2 6.5l3 3 5-7"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  ratification: (
    <>
      <circle cx="4.2" cy="6" r="3.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <circle cx="7.8" cy="6" r="3.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
  active: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  suspended: <path d="M3 2h2v8H3zM7 2h2v8H7z" fill="currentColor" />,
  ended: <rect x="2" y="2" width="8" height="8" rx="1" fill="currentColor" />,
};

export const Shape = ({ kind }: { kind: StageView['kind'] }) => (
  <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className="shape">
    {SHAPES[kind]}
  </svg>
);

/** A word with a meaning: a stage, a state, a delay. */
export const Tag = ({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }) => (
  <span className="tag" data-tone={tone} title={title}>
    {tone in SHAPES && <Shape kind={tone as StageView['kind']} />}
    <span>{children}</span>
  </span>
);
