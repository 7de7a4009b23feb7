import { z } from 'zod';
import { minorUnitsOf } from './currencies.js';
import { breach } from './value-rule.js';

const decimal = z
  .string()
  .regex(/^-?\d{1,15}(\.\d{1,4})?$/, { error: 'must be a decimal number, like "1250000" or "99.50"', abort: true });
const isNothing = (written: string): boolean => !/[1-9]/.test(written);

/** An amount of money, a decimal number as text so that it is never rounded by the way; more than nothing. */
export const amount = decimal
  .superRefine((written, context) => {
    if (written.startsWith('-') || isNothing(written)) breach(context, 'amount', 'must be more than 0');
  })
  .meta({ description: 'A decimal number, more than 0', examples: ['1250000', '99.50'] });

/** An amount with a sign of its own, where it may correct another: what is less than nothing was given back. Never nothing. */
export const signedAmount = decimal
  .superRefine((written, context) => {
    if (isNothing(written)) breach(context, 'amount', 'must not be 0');
  })
  .meta({
    description: 'A decimal number; less than 0 where something is given back',
    examples: ['1250000', '-99.50'],
  });

/** What may be said of an amount: how much, and in which currency. */
export interface Money {
  amount?: string | undefined;
  currency?: string | undefined;
}

/**
 * The rule of an object with `amount` and `currency`, for `superRefine`: both are said or neither, and the amount is written in the
 * minor units of its currency (ISO 4217).
 */
export function moneyRule({ amount: written, currency }: Money, context: z.RefinementCtx): void {
  if (written !== undefined && currency === undefined) {
    breach(context, 'currency', 'an amount needs its currency, an ISO 4217 code like EUR', ['currency']);
  }
  if (written === undefined && currency !== undefined) {
    breach(context, 'amount', 'a currency needs its amount, a decimal number like "1250000"', ['amount']);
  }
  if (written === undefined || currency === undefined) return;
  const units = minorUnitsOf(currency);
  // Some write every amount with decimals: 100.00 JPY is whole. But 1.250 EUR may mean a thousand: its zero counts.
  const decimals = (written.split('.')[1] ?? '').replace(/^0+$/, '').length;
  if (units === undefined || decimals <= units) return;
  breach(
    context,
    'amount',
    units === 0
      ? `${currency} has no minor units: a whole number is allowed`
      : `${currency} has ${units} decimals at most`,
    ['amount'],
  );
}
