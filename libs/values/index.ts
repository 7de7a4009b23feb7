export { COUNTRIES, country } from './countries.js';
export { currency, minorUnitsOf } from './currencies.js';
export { day, edtf, isNoDate, NO_DATE_HINT } from './dates.js';
export { email, identifier, language, languageCode, sha256 } from './ids.js';
export { amount, type Money, moneyRule, signedAmount } from './money.js';
export { boundedRecurrence, isBounded, recurrence } from './recurrence.js';
export { type Reference, reference, references, referencesIn } from './references.js';
export { line, searchWords, text } from './text.js';
export { isValueRule, ruleOf, type ValueRule } from './value-rule.js';
