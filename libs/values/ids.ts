import { z } from 'zod';

/** An id that people may choose: it is part of stream names and addresses. Never made from a person's name. */
export const identifier = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,99}$/,
    'must be 1 to 100 lower-case letters, digits, dots, hyphens or underscores, a letter or digit first',
  )
  .meta({ examples: ['sn-migration'] });

/** A language that Paraphe speaks (ISO 639-1). */
export const language = z.enum(['fr', 'en', 'ar']);

/** By what a document is known: the SHA-256 of its bytes. */
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256: 64 hexadecimal digits, in lower case')
  .meta({ examples: ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'] });

/** An e-mail address, at most 254 characters long (RFC 5321, section 4.5.3.1.3, without its brackets). */
export const email = z.email('must be an e-mail address').max(254);
