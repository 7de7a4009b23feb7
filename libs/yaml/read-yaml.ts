import { isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml';

/** Gives the line on which a part of a text stands, counting from 1. */
export type LineOf = (path: PropertyKey[]) => number;

/** What a text says, or why it is no YAML: on which line, against which rule. */
export type ReadYaml =
  | { content: unknown; lineOf: LineOf; defects: [] }
  | { defects: { line: number; rule: string; message: string }[] };

/** Aliases can make a short text mean gigabytes. */
const MOST_ALIASES = 100;

/** Reads YAML 1.2 (JSON is YAML), with the lines of its parts. Never throws. */
export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    return {
      defects: document.errors.map(({ pos, code, message }) => ({
        line: lines.linePos(pos[0]).line,
        rule: code,
        message: message.split('\n')[0]!,
      })),
    };
  }
  const lineOf: LineOf = (path) => {
    let line = 1;
    let node: unknown = document.contents;
    for (const key of path) {
      const next: unknown = isMap(node) || isSeq(node) ? node.get(key, true) : undefined;
      if (!isNode(next)) break;
      node = next;
      if (next.range) line = lines.linePos(next.range[0]).line;
    }
    return line;
  };
  try {
    return { content: document.toJS({ maxAliasCount: MOST_ALIASES }), lineOf, defects: [] };
  } catch (error) {
    return { defects: [{ line: 1, rule: 'aliases', message: (error as Error).message }] };
  }
}
