import { z } from 'zod';
import { identifier } from './ids.js';

/** Which schemas stand for the identifier of another subject, and of which category that subject is. */
export const references = z.registry<{ category: string }>();

/** The identifier of another subject, of a category such as `organisation`: whoever takes one checks that it exists. */
export const reference = (category: string) =>
  identifier.meta({ description: `The identifier of one that exists: ${category}` }).register(references, { category });

/** One reference that a value makes. */
export interface Reference {
  category: string;
  id: string;
  path: (string | number)[];
}

/**
 * Every reference in a value that has passed its schema, in the order of the schema: through objects, arrays, records, unions, and
 * whatever wraps them.
 */
export function referencesIn(schema: z.core.$ZodType, value: unknown, path: Reference['path'] = []): Reference[] {
  if (value === undefined || value === null) return [];
  const found = references.get(schema);
  if (found) return typeof value === 'string' ? [{ category: found.category, id: value, path }] : [];
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([key, field]) =>
        referencesIn(field, (value as Record<string, unknown>)[key], [...path, key]),
      );
    case 'array':
      return (value as unknown[]).flatMap((item, index) => referencesIn(def.element, item, [...path, index]));
    case 'record':
      return Object.entries(value).flatMap(([key, item]) => referencesIn(def.valueType, item, [...path, key]));
    case 'union': {
      const option = def.options.find((one) => z.safeParse(one, value).success);
      return option ? referencesIn(option, value, path) : [];
    }
    case 'intersection':
      return [...referencesIn(def.left, value, path), ...referencesIn(def.right, value, path)];
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return referencesIn(def.innerType, value, path);
    case 'pipe':
      return referencesIn(def.out, value, path);
    case 'lazy':
      return referencesIn(def.getter(), value, path);
    default:
      return [];
  }
}
