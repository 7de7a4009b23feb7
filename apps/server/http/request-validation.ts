import { StandardSchemaValidationPipe } from '@nestjs/common';
import { type Defect, InvalidRequest } from '#web-api';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  code?: string;
}

/** Checks what comes in against the schema beside it, and names every field, the rule and what is allowed. */
export function requestValidation(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => new InvalidRequest((issues as readonly Issue[]).map(defectOf)),
  });
}

function defectOf({ path = [], code, message }: Issue): Defect {
  const field = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return { field: field || '(body)', rule: code ?? 'schema', message };
}
