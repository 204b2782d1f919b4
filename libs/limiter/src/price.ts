import type { Price } from '@headroom/core';

/** Whole millionths, rounded up. */
export function costMicros(price: Price, inputTokens: number, outputTokens: number): number {
  const { perCallMicros, perInputTokenMicros, perOutputTokenMicros } = price;
  const exact =
    perCallMicros + inputTokens * perInputTokenMicros + outputTokens * perOutputTokenMicros;
  // 0.1 + 0.2 must not cost a millionth more.
  return Math.ceil(exact - 1e-6);
}
