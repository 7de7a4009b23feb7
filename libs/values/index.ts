import './schema-words.js';

export { COUNTRIES, country } from './countries.js';
export { currency } from './currencies.js';
export { day, edtf, isNoDate, NO_DATE_HINT } from './dates.js';
export { email, identifier, language, languageCode, sha256 } from './ids.js';
export { amount, moneyRule, signedAmount } from './money.js';
export { nearest } from './nearest.js';
export { boundedRecurrence, recurrence } from './recurrence.js';
export { keptDocument, reference, referencesIn } from './references.js';
export { line, searchWords, text } from './text.js';
export { isValueRule, ruleOf } from './value-rule.js';
