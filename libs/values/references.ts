import { z } from 'zod';
import { identifier, sha256 } from './ids.js';

/** Which schemas stand for something else that exists by its identifier: a subject of a category, or a `document`. */
export const references = z.registry<{ category: string }>();

/** The identifier of another subject, of a category such as `organisation`: whoever takes one checks that it exists. */
export const reference = (category: string) =>
  identifier.meta({ description: `The identifier of one that exists: ${category}` }).register(references, { category });

/** By what a document that is kept is known: the SHA-256 of its bytes. */
export const keptDocument = sha256
  .meta({ description: 'The SHA-256 of a document that is kept: `POST /documents` keeps one' })
  .register(references, { category: 'document' });

/** One reference that a value makes. */
export interface Reference {
  category: string;
  id: string;
  path: (string | number)[];
}

type Path = Reference['path'];
/** Adds to what was found the references in a value of one schema. */
type Search = (value: unknown, path: Path, found: Reference[]) => void;

/**
 * Every reference in a value that has passed its schema, in the order of the schema: through objects, arrays, records, unions, and
 * whatever wraps them.
 */
export function referencesIn(schema: z.core.$ZodType, value: unknown): Reference[] {
  const found: Reference[] = [];
  searchOf(schema)?.(value, [], found);
  return found;
}

const searches = new WeakMap<z.core.$ZodType, Search | undefined>();

/** How a schema is searched: worked out once, and undefined where there can be none. */
function searchOf(schema: z.core.$ZodType): Search | undefined {
  if (!searches.has(schema)) searches.set(schema, madeSearch(schema));
  return searches.get(schema);
}

function madeSearch(schema: z.core.$ZodType): Search | undefined {
  const known = references.get(schema);
  if (known)
    return (value, path, found) => {
      if (typeof value === 'string') found.push({ category: known.category, id: value, path });
    };
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object': {
      const fields = Object.entries(def.shape).flatMap(([key, field]) => {
        const search = searchOf(field);
        return search ? [{ key, search }] : [];
      });
      return (
        fields[0] &&
        ((value, path, found) => {
          if (!isObject(value)) return;
          for (const { key, search } of fields) search(value[key], [...path, key], found);
        })
      );
    }
    case 'array':
      return inEach(def.element, (value) => (Array.isArray(value) ? value.entries() : []));
    case 'record':
      return inEach(def.valueType, (value) => (isObject(value) ? Object.entries(value) : []));
    case 'union':
      return def.options.some(searchOf)
        ? (value, path, found) => {
            const option = def.options.find((one) => z.safeParse(one, value).success);
            if (option) searchOf(option)?.(value, path, found);
          }
        : undefined;
    case 'intersection':
      return (value, path, found) => {
        for (const side of [def.left, def.right]) searchOf(side)?.(value, path, found);
      };
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return searchOf(def.innerType);
    case 'pipe':
      return searchOf(def.out);
    case 'lazy':
      // It may lead back to where it stands: followed when there is a value, which comes to an end.
      return (value, path, found) => searchOf(def.getter())?.(value, path, found);
    default:
      return undefined;
  }
}

function inEach(
  schema: z.core.$ZodType,
  items: (value: unknown) => Iterable<[number | string, unknown]>,
): Search | undefined {
  const search = searchOf(schema);
  return (
    search &&
    ((value, path, found) => {
      for (const [key, item] of items(value)) search(item, [...path, key], found);
    })
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
