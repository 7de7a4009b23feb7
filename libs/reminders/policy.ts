import { z } from 'zod';
import { span } from '#calendar';
import { labelsSchema, STAGE_KINDS } from '#lifecycle';

/** What a reminder can be about, by kind of subject. */
export const OCCASIONS = {
  agreement: [
    'idle',
    'stage-deadline',
    'deadline',
    'expiry',
    'renewal',
    'notice',
    'full-powers',
    'documents',
    'visa',
    'follow-up',
    'signing-opportunity',
  ],
  project: ['milestone', 'recurring-milestone', 'report', 'partner', 'unknown-date'],
  meeting: ['follow-up'],
} as const;
export type SubjectKind = keyof typeof OCCASIONS;
export type Occasion = (typeof OCCASIONS)[SubjectKind][number];

export const occasion = z.enum([...new Set(Object.values(OCCASIONS).flat())] as [Occasion, ...Occasion[]]);

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');

/** `owner`, `holder` (whoever the open visa, slot or task waits for), `contact` (of the partners), or one of the prefixed kinds. */
export const recipient = z
  .string()
  .regex(
    /^(owner|holder|contact|(role|group|person|webhook):[a-z0-9][a-z0-9._-]*)$/,
    'owner, holder, contact, role:…, group:…, person:… or webhook:…',
  );

const offset = z.union([
  z.literal('day'),
  z.strictObject({ before: span }),
  z.strictObject({ after: span }),
  /** So many times what its lifecycle lets it lie idle in its stage. */
  z.strictObject({ patience: z.int().min(1).max(100) }),
]);
export type Offset = z.infer<typeof offset>;

const rule = z.strictObject({
  id: name,
  subject: z.enum(['agreement', 'project', 'meeting']),
  on: occasion,
  /** Which subjects it is for; all of the kind when left out. */
  where: z
    .strictObject({
      kinds: z.array(z.enum(STAGE_KINDS)).min(1).optional(),
      stages: z.array(name).min(1).optional(),
      types: z.array(name).min(1).optional(),
    })
    .optional(),
  /** When: the rungs of the ladder, in any order. */
  at: z.array(offset).min(1).max(50),
  /** After the last rung again and again; it never just stops, unless an end is given. */
  repeat: z
    .strictObject({
      every: span,
      /** So many more times. */
      times: z.int().min(1).max(1_000).optional(),
    })
    .optional(),
  to: z.array(recipient).min(1).max(20),
  /** From which rung on others are told too. */
  escalate: z
    .array(z.strictObject({ from: z.int().min(2).max(100), to: z.array(recipient).min(1).max(20) }))
    .max(20)
    .optional(),
  /** What is said instead of the usual words; `{title}`, `{date}`, `{since}` and `{waitingFor}` stand for the facts. */
  message: labelsSchema.optional(),
});
export type Rule = z.infer<typeof rule>;

/** A reminder policy as it is written, in YAML or JSON. */
export const policySchema = z.strictObject({
  id: name,
  labels: labelsSchema,
  rules: z.array(rule).min(1).max(200),
});
export type ReminderPolicy = z.infer<typeof policySchema>;

/** A policy that is sound in itself, whoever sends it. */
export const soundPolicySchema = policySchema.superRefine(({ rules }, context) => {
  for (const { path, message } of defectsOf(rules)) context.addIssue({ code: 'custom', path: [...path], message });
});

/** One version of a policy that was published. */
export interface PolicyVersion {
  id: string;
  version: number;
  policy: ReminderPolicy;
}

/** One thing wrong with a policy. */
export interface PolicyDefect {
  path: PropertyKey[];
  message: string;
}

/** A sound policy, or everything that is wrong with it. */
export type CheckedPolicy = { policy: ReminderPolicy; defects: [] } | { policy?: undefined; defects: PolicyDefect[] };

/** Occasions on which something is to be done by somebody: such a rule must not fall silent before it is. */
const STANDING: readonly Occasion[] = [
  'idle',
  'stage-deadline',
  'deadline',
  'full-powers',
  'documents',
  'visa',
  'follow-up',
  'milestone',
  'report',
  'partner',
  'unknown-date',
];

/** Checks a policy as a parser gave it. Reports every defect at once. */
export function checkPolicy(content: unknown): CheckedPolicy {
  const parsed = policySchema.safeParse(content);
  if (!parsed.success) return { defects: parsed.error.issues.map(({ path, message }) => ({ path, message })) };
  const defects = defectsOf(parsed.data.rules);
  return defects.length > 0 ? { defects } : { policy: parsed.data, defects: [] };
}

/** So many reminders at most come of the ladders of a policy, for each subject: more is a mistake, and works out for ever. */
const MOST_RUNGS = 2_000;

/** How many reminders the ladders of a policy have, repetitions aside: each rung for each recipient. */
const rungsIn = (rules: readonly Rule[]): number =>
  rules.reduce((sum, { at, to, escalate = [] }) => {
    const recipients = escalate.reduce((count, { to: others }) => count + others.length, to.length);
    return sum + at.length * recipients;
  }, 0);

/** Whether a policy is small enough to be gone by. */
export const isBounded = ({ rules }: ReminderPolicy): boolean => rungsIn(rules) <= MOST_RUNGS;

function defectsOf(rules: Rule[]): PolicyDefect[] {
  const defects = rules.flatMap((one, index) => ruleDefects(one, index, rules));
  const rungs = rungsIn(rules);
  if (rungs <= MOST_RUNGS) return defects;
  const message = `its ladders have ${rungs} reminders together, each rung for each recipient; at most ${MOST_RUNGS} are allowed`;
  return [...defects, { path: ['rules'], message }];
}

function ruleDefects(one: Rule, index: number, rules: Rule[]): PolicyDefect[] {
  const defects: PolicyDefect[] = [];
  const report = (message: string, ...path: PropertyKey[]) =>
    defects.push({ path: ['rules', index, ...path], message });
  if (rules.findIndex(({ id }) => id === one.id) < index) report(`'${one.id}' is defined twice`, 'id');
  const occasions: readonly string[] = OCCASIONS[one.subject];
  if (!occasions.includes(one.on)) {
    report(`a ${one.subject} has no occasion '${one.on}'; it has ${occasions.join(', ')}`, 'on');
  }
  if (one.where && one.subject !== 'agreement') report('only agreements have stages, kinds and types', 'where');
  const onlyBefore = one.at.every((at) => typeof at === 'object' && 'before' in at);
  if (onlyBefore && one.repeat) report('it would go on after the day, though nothing is said of that day', 'repeat');
  if (STANDING.includes(one.on) && !one.repeat && !onlyBefore) {
    report("it would fall silent while the matter still waits: add 'repeat'", 'repeat');
  }
  if (STANDING.includes(one.on) && one.repeat?.times !== undefined) {
    report('it would fall silent while the matter still waits: leave the number out', 'repeat', 'times');
  }
  const rungs = one.at.length;
  for (const [at, { from }] of (one.escalate ?? []).entries()) {
    if (from > rungs && !one.repeat) report(`there is no rung ${from}, only ${rungs}`, 'escalate', at, 'from');
  }
  if (one.at.some((at) => typeof at === 'object' && 'patience' in at) && one.on !== 'idle') {
    report("'patience' is how long an agreement may lie idle; it says nothing here", 'at');
  }
  return defects;
}

/** Every policy ever published; the latest version of each that is not retired is in force. */
export class Policies {
  private readonly versions = new Map<string, PolicyVersion>();
  private readonly retired = new Map<string, number>();

  add(version: PolicyVersion): void {
    this.versions.set(`${version.id}@${version.version}`, version);
  }

  retire({ id, version }: { id: string; version: number }): void {
    this.retired.set(id, Math.max(version, this.retired.get(id) ?? 0));
  }

  /** Those in force, by id. */
  current(): PolicyVersion[] {
    const latest = new Map<string, PolicyVersion>();
    for (const one of this.versions.values()) {
      if ((latest.get(one.id)?.version ?? 0) < one.version) latest.set(one.id, one);
    }
    return [...latest.values()]
      .filter(({ id, version }) => version > (this.retired.get(id) ?? 0))
      .sort((a, b) => a.id.localeCompare(b.id));
  }

  all(): (PolicyVersion & { isCurrent: boolean })[] {
    const current = this.current();
    return [...this.versions.values()]
      .map((one) => ({ ...one, isCurrent: current.includes(one) }))
      .sort((a, b) => a.id.localeCompare(b.id) || b.version - a.version);
  }
}
