import type { Price } from '@headroom/core';

/** Of calls under a rule's key, in lower case; `undefined`: they cost nothing. */
export function priceOf(prices: readonly Price[], key: string): Price | undefined {
  return prices.find((price) => price.key === key) ?? prices.find((price) => price.key === '*');
}

/** Whole millionths, rounded up. */
export function costMicros(price: Price, inputTokens: number, outputTokens: number): number {
  const { perCallMicros, perInputTokenMicros, perOutputTokenMicros } = price;
  const exact =
    perCallMicros + inputTokens * perInputTokenMicros + outputTokens * perOutputTokenMicros;
  // 0.1 + 0.2 must not cost a millionth more.
  return Math.ceil(exact - 1e-6);
}
