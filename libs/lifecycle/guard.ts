import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { daysBetween } from '#calendar';
import type { LifecycleFacts } from './facts.js';
import { isBinding } from './signing.js';

/** What a guard may speak of: the name, its CEL type, and what it is. */
export const GUARD_VARIABLES = {
  stage: ['string', 'the present stage'],
  agreementType: ['string', 'the type of the agreement, such as specific-convention'],
  binding: ['string', 'yes, no, disputed, or empty when nobody has said'],
  parties: ['list<string>', 'the ids of the parties'],
  roles: ['list<string>', 'the roles that parties have'],
  signed: ['int', 'how many slots are signed'],
  slots: ['int', 'how many slots there are'],
  visas: ['list<string>', 'the visas given'],
  documents: ['list<string>', 'the types of the documents attached'],
  links: [
    'list<string>',
    'how it is linked to other agreements and to projects: amends, supersedes, finances and so on',
  ],
  fields: ['list<string>', 'the particulars that are filled'],
  daysInStage: ['int', 'calendar days since it came into its stage'],
} as const;

const environment = new Environment({ limits: { maxAstNodes: 1_000, maxDepth: 50 } });
for (const [name, [type, description]] of Object.entries(GUARD_VARIABLES)) {
  environment.registerVariable({ name, type, description });
}

/** Why an expression is no guard: it does not parse, speaks of what there is not, or is neither true nor false. */
export function guardDefect(expression: string): string | undefined {
  try {
    const { valid, type, error } = environment.check(expression);
    if (!valid) return firstLine(error?.message ?? 'it does not type-check');
    if (type !== 'bool') return `it gives ${type}, and must be true or false`;
    return costDefect(environment.parse(expression).ast);
  } catch (error) {
    return firstLine((error as Error).message);
  }
}

/** So many steps a guard may take at most, as far as that can be told beforehand. */
const MOST_STEPS = 100_000;
/** How long the lists of an agreement are taken to be, and a list of which nothing is known. */
const LENGTH_OF_LISTS = 50;
/** What takes time without measure: regular expressions that try everything, and names for values that double each time. */
const UNBOUNDED: Record<string, string> = {
  matches: "'matches' is not known here: say it with startsWith, endsWith or contains",
  bind: "'cel.bind' is not known here: write out what it stands for",
};

/** What an expression comes to: how many steps it takes, and how long the list is that it gives, with the longest list within it. */
interface Extent {
  steps: number;
  length: number;
  within: number;
}

/** Why an expression could take too long: with each loop within a loop, the time is multiplied by the length of a list. */
function costDefect(ast: ASTNode): string | undefined {
  const { steps } = extentOf(ast, new Map());
  if (steps <= MOST_STEPS) return undefined;
  return `it could take ${steps.toLocaleString('en')} steps: the loops over lists within each other, and the lists that it makes, allow ${MOST_STEPS.toLocaleString('en')} at most`;
}

/**
 * @param known how long the elements are for which the loops around have names
 * @throws Error for what is {@link UNBOUNDED}
 */
function extentOf(node: ASTNode, known: ReadonlyMap<string, number>): Extent {
  const { op, args } = node as { op: string; args: unknown };
  if (op === 'id') return { steps: 1, length: known.get(args as string) ?? LENGTH_OF_LISTS, within: 1 };
  const [name, target, given] = op === 'rcall' ? (args as [string, ASTNode, ASTNode[]]) : [];
  if (name !== undefined && Object.hasOwn(UNBOUNDED, name)) throw new Error(UNBOUNDED[name]);
  // `list.all(name, …)`: what begins with a name of its own is a loop.
  if (target && given && given.length > 1 && given[0]!.op === 'id') {
    const over = extentOf(target, known);
    const inner = new Map(known).set(given[0]!.args as string, over.within);
    const bodies = given.slice(1).map((one) => extentOf(one, inner));
    const steps = over.steps + over.length * bodies.reduce((sum, one) => sum + one.steps, 1);
    const made = Math.max(over.within, ...bodies.map(({ length }) => length));
    return { steps, length: over.length, within: made };
  }
  const parts = [args]
    .flat(3)
    .filter((part): part is ASTNode => typeof part === 'object' && part !== null && 'op' in part)
    .map((part) => extentOf(part, known));
  const steps = parts.reduce((sum, part) => sum + part.steps, 1);
  const lengths = parts.map(({ length }) => length);
  const within = Math.max(1, ...parts.map((part) => part.within));
  if (op === 'list') return { steps, length: lengths.length, within: Math.max(1, ...lengths) };
  // Lists that are put together are copied.
  if (op === '+') {
    const length = lengths.reduce((sum, one) => sum + one, 0);
    return { steps: steps + length, length, within };
  }
  return { steps, length: Math.max(1, ...lengths), within };
}

export type Guard = (facts: LifecycleFacts) => boolean;

/**
 * A checked expression, ready to be asked. CEL always ends: it has no loops but those over the lists that it is given; and soon, for
 * what multiplies them is no guard.
 * An expression that fails while it runs (an index that is not there) does not hold.
 */
export function compileGuard(expression: string): Guard {
  if (guardDefect(expression)) return () => false;
  const evaluate = environment.parse(expression);
  return (facts) => {
    try {
      return evaluate(contextOf(facts)) === true;
    } catch {
      return false;
    }
  };
}

function contextOf(facts: LifecycleFacts): Record<keyof typeof GUARD_VARIABLES, unknown> {
  return {
    stage: facts.stage,
    agreementType: facts.type,
    binding: facts.binding ?? '',
    parties: facts.parties.map(({ organisation }) => organisation),
    roles: facts.parties.flatMap(({ role }) => role ?? []),
    signed: BigInt(facts.slots.filter((slot) => isBinding(slot) && slot.status === 'signed').length),
    slots: BigInt(facts.slots.filter(isBinding).length),
    visas: facts.visas.map(({ visa }) => visa),
    documents: facts.documents,
    links: facts.links,
    fields: facts.fields,
    daysInStage: BigInt(Math.max(0, daysBetween(facts.since, facts.today))),
  };
}

const firstLine = (text: string): string => text.split('\n')[0]!.trim();
