import { checkDefinition, type LifecycleDefinition } from '#lifecycle';
import { readYaml } from '#yaml';

/** One thing wrong with the text of a definition: on which line, where in it, and what was probably meant. */
export interface DefinitionDefect {
  line: number;
  place: string;
  message: string;
  suggestion?: string;
}

/** A sound definition, or everything that is wrong with the text. */
export type ReadDefinition = { definition: LifecycleDefinition; defects: [] } | { defects: DefinitionDefect[] };

/** Reads a lifecycle definition from YAML or JSON and checks it. Never throws. */
export function readDefinition(text: string): ReadDefinition {
  const read = readYaml(text);
  if (!('content' in read)) {
    return { defects: read.defects.map(({ line, message }) => ({ line, place: 'the text', message })) };
  }
  const { definition, defects } = checkDefinition(read.content);
  if (definition) return { definition, defects: [] };
  return {
    defects: defects
      .map(({ path, ...defect }) => ({ line: read.lineOf(path), ...defect }))
      .sort((a, b) => a.line - b.line),
  };
}
