import { z } from 'zod';

/** Millionths of a unit of a currency. */
const micros = 1_000_000;
const amountMax = 1_000_000_000;

/** An amount in the currency's unit, as integer millionths: 12.5 is 12,500,000. */
export const amount = z
  .number('expected an amount such as 12.5')
  .min(0, 'expected 0 or more')
  .max(amountMax, `expected at most ${amountMax}`)
  .refine((value) => Math.abs(value * micros - Math.round(value * micros)) < 1e-3, {
    error: 'expected at most six decimals',
  })
  .transform((value) => Math.round(value * micros));

/** A price of a thousand tokens, as millionths of a token's: it may be less than one. */
export const perThousand = z
  .number('expected a price such as 0.15')
  .min(0, 'expected 0 or more')
  .max(amountMax, `expected at most ${amountMax}`)
  .transform((value) => (value * micros) / 1000);

export function amountOf(amountMicros: number): number {
  return amountMicros / micros;
}

export function perThousandOf(perTokenMicros: number): number {
  return (perTokenMicros * 1000) / micros;
}
