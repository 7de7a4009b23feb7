import type { LifecycleDefinition } from './definition.js';

/** A definition as a Mermaid state diagram; what the engine does by itself is marked with a star. */
export function pictureOf({ initial, stages, transitions }: LifecycleDefinition): string {
  const name = (id: string) => id.replaceAll('-', '_');
  return [
    'stateDiagram-v2',
    ...stages.map(({ id, labels }) => `  ${name(id)}: ${labels.en}`),
    `  [*] --> ${name(initial)}`,
    ...transitions.flatMap(({ from, to, labels, automatic }) =>
      from.map((stage) => `  ${name(stage)} --> ${name(to)}: ${labels.en}${automatic ? ' *' : ''}`),
    ),
    ...stages.filter(({ kind }) => kind === 'ended').map(({ id }) => `  ${name(id)} --> [*]`),
  ].join('\n');
}
