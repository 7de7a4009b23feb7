import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import { ruleOf, searchWords } from '#values';
import { type Defect, InvalidRequest } from '#web-api';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  code?: string;
}

/** What every part of an address must be that has no schema of its own: text that a store can be asked for. */
const partOfAddress = searchWords(500);

/** Checks what comes in against the schema beside it, and names every field, the rule and what is allowed. */
class RequestValidation extends StandardSchemaValidationPipe {
  override async transform<Value>(value: Value, { type, data, schema }: ArgumentMetadata): Promise<Value> {
    const its = schema ?? (type === 'param' && data !== undefined ? partOfAddress : undefined);
    if (!its || type === 'custom') return value;
    this.stripProtoKeys(value);
    const result = await this.validate(value, its);
    if (result.issues) throw refusal(result.issues, data ?? `(${type})`);
    return result.value as Value;
  }
}

export const requestValidation = (): StandardSchemaValidationPipe => new RequestValidation();

/** @param whole what an issue is about that names no field */
const refusal = (issues: readonly Issue[], whole: string): InvalidRequest =>
  new InvalidRequest(issues.map((issue) => defectOf(issue, whole)));

function defectOf(issue: Issue, whole: string): Defect {
  const field = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return { field: field || whole, rule: ruleOf(issue), message: issue.message };
}
