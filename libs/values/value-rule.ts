import type { z } from 'zod';

/**
 * The rules of values. They may grow stricter from version to version, so a log may hold what today's rule would refuse;
 * what has another shape than its schema says was never written by any version.
 */
export type ValueRule =
  | 'characters'
  | 'empty'
  | 'length'
  | 'date-range'
  | 'recurrence'
  | 'amount'
  | 'currency'
  | 'country'
  | 'identifier';

/** Issues as zod raises them: one of a union carries those of each of its branches. */
interface Issue {
  readonly code?: string | undefined;
  readonly params?: Record<string, unknown> | undefined;
  readonly errors?: readonly (readonly Issue[])[];
}

type Context = Pick<z.RefinementCtx, 'addIssue'>;

/** Raises the breach of a value rule. `message` says the rule and what is allowed. */
export function breach(context: Context, valueRule: ValueRule, message: string, path?: PropertyKey[]): void {
  context.addIssue({ code: 'custom', message, params: { valueRule }, ...(path && { path }) });
}

const valueRuleOf = (issue: object): ValueRule | undefined =>
  (issue as Issue).params?.valueRule as ValueRule | undefined;

/** What the rule is called that an issue is about: the value's, else zod's code for the shape. */
export const ruleOf = (issue: { code?: string | undefined }): string => valueRuleOf(issue) ?? issue.code ?? 'schema';

/**
 * Whether an issue that zod raised is about a value only: the shape is right. Of a union it is so when one of its branches has
 * the right shape.
 */
export function isValueRule(issue: object): boolean {
  const { code, errors } = issue as Issue;
  if (code === 'invalid_union') {
    return errors?.some((branch) => branch.length > 0 && branch.every(isValueRule)) ?? false;
  }
  return valueRuleOf(issue) !== undefined;
}
