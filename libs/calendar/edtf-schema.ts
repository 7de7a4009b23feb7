import { z } from 'zod';
import { InvalidDate, isEdtf } from './edtf.js';

/** A date in a payload: EDTF, or 'unknown'. */
export const edtf = z
  .string()
  .superRefine((text, context) => {
    if (!isEdtf(text)) context.addIssue({ code: 'custom', message: new InvalidDate(text).message });
  })
  .meta({
    description: "A date as vague as it is known, in EDTF (ISO 8601-2, level 1), or 'unknown'",
    examples: ['2018-03-15', '2016-11', '2017-03-16/2017-03-17', '../2018-12'],
  });
