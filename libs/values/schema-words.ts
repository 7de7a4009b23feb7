import { z } from 'zod';

/** What values are called, of which schemas speak by the names of the language. */
const CALLED: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with named fields',
  record: 'an object with named fields',
  null: 'nothing',
};

const called = (name: string): string => CALLED[name] ?? name;

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/**
 * What a schema says that has no words of its own: the rule and what is allowed, for people who know the field and not the schema. Said
 * once for the whole program.
 */
z.config({
  customError: (issue) => {
    if (issue.code === 'invalid_type') {
      const expected = called(issue.expected);
      return issue.input === undefined
        ? `is missing: it must be ${expected}`
        : `must be ${expected}, and is ${called(kindOf(issue.input))}`;
    }
    if (issue.code === 'invalid_value') {
      const allowed = issue.values.map(String).join(', ');
      const rule = issue.values.length === 1 ? `must be ${allowed}` : `must be one of ${allowed}`;
      return issue.input === undefined ? `is missing: it ${rule}` : rule;
    }
    return undefined;
  },
});
