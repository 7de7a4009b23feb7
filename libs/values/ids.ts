import { z } from 'zod';
import { breach } from './value-rule.js';

const IDENTIFIER = /^[a-z0-9][a-z0-9._-]{0,99}$/;

/** An id that people may choose: it is part of stream names and addresses. Never made from a person's name. */
export const identifier = z
  .string()
  .superRefine((id, context) => {
    if (IDENTIFIER.test(id)) return;
    breach(
      context,
      'identifier',
      'must be 1 to 100 lower-case letters, digits, dots, hyphens or underscores, a letter or digit first',
    );
  })
  .meta({ pattern: IDENTIFIER.source, examples: ['sn-migration'] });

/** A language that Paraphe speaks (ISO 639-1). */
export const language = z.enum(['fr', 'en', 'ar']);

/** Any language by its code (ISO 639-1): those of documents. */
export const languageCode = z
  .string()
  .regex(/^[a-z]{2}$/, 'must be an ISO 639-1 code of two lower-case letters, like fr')
  .meta({ examples: ['fr'] });

/** By what a document is known: the SHA-256 of its bytes. */
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256: 64 hexadecimal digits, in lower case')
  .meta({ examples: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'] });

/** An e-mail address, at most 254 characters long (RFC 5321, section 4.5.3.1.3, without its brackets). */
export const email = z.email('must be an e-mail address').max(254, 'must have at most 254 characters');
