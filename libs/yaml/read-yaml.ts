import {
  type CST,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';

/** Gives the line on which a part of a text stands, counting from 1. */
export type LineOf = (path: PropertyKey[]) => number;

/** What a text says, or why it is no YAML: on which line, against which rule. */
export type ReadYaml =
  | { content: unknown; lineOf: LineOf; defects: [] }
  | { defects: { line: number; rule: string; message: string }[] };

/** Aliases can make a short text mean gigabytes. */
const MOST_ALIASES = 100;
/** A reader calls itself at each level of what is nested. */
const MOST_DEPTH = 100;
/** So many defects are named; nobody reads more. */
const MOST_DEFECTS = 1_000;

/**
 * Reads YAML 1.2 (JSON is YAML), with the lines of its parts. Never throws, and takes time in proportion to the text: keys are looked
 * up rather than compared with each other, and what nests deeper than a hundred levels is refused unread.
 */
export function readYaml(text: string): ReadYaml {
  try {
    return readParts(text);
  } catch (error) {
    // The parser calls itself for each line that belongs nowhere.
    if (!(error instanceof RangeError)) throw error;
    return {
      defects: [{ line: 1, rule: 'depth', message: 'cannot be read to its end: check how its lines are indented' }],
    };
  }
}

function readParts(text: string): ReadYaml {
  const lines = new LineCounter();
  const tooDeep = deepPlace(text);
  if (tooDeep !== undefined)
    return { defects: [{ line: tooDeep, rule: 'depth', message: `nests deeper than ${MOST_DEPTH} levels` }] };
  // The library compares every key of a map with every other.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const defects = [
    ...document.errors.map(({ pos, code, message }) => ({ at: pos[0], rule: code, message: message.split('\n')[0]! })),
    ...(document.errors.length === 0 ? repeatedKeys(document) : []),
  ];
  if (defects.length > 0) {
    return {
      defects: defects
        .slice(0, MOST_DEFECTS)
        .map(({ at, rule, message }) => ({ line: lines.linePos(at).line, rule, message })),
    };
  }
  const parts = new WeakMap<YAMLMap, Map<string, unknown>>();
  const partOf = (map: YAMLMap, key: PropertyKey): unknown => {
    if (!parts.has(map)) parts.set(map, new Map(map.items.map((pair) => [keyOf(pair.key), pair.value])));
    return parts.get(map)!.get(String(key));
  };
  const lineOf: LineOf = (path) => {
    let line = 1;
    let node: unknown = document.contents;
    for (const key of path) {
      const next: unknown = isMap(node) ? partOf(node, key) : isSeq(node) ? node.get(key, true) : undefined;
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

const keyOf = (key: unknown): string => String(isScalar(key) ? key.value : key);

/** The keys that stand twice in one map. */
function repeatedKeys(document: Document): { at: number; rule: string; message: string }[] {
  const found: { at: number; rule: string; message: string }[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && found.length < MOST_DEFECTS)
          found.push({
            at: key.range?.[0] ?? 0,
            rule: 'DUPLICATE_KEY',
            message: `Map keys must be unique; '${key.value}' is not`,
          });
        seen.add(key.value);
      }
    },
  });
  return found;
}

/** The line on which a text nests too deep. Goes by levels, for to go by branches would call itself as deep. */
function deepPlace(text: string): number | undefined {
  const lines = new LineCounter();
  let level: CST.Token[] = [...new Parser(lines.addNewLine).parse(text)];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_DEPTH) return lines.linePos(level[0]!.offset).line;
    level = level.flatMap(partsOf);
  }
  return undefined;
}

function partsOf(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((part) => part !== undefined && part !== null));
}
