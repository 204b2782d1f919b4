import { failed, ok } from '@headroom/core';
import type { Result } from '@headroom/core';

/** What an instance costs an hour, in whatever the person counts in. */
export interface Price {
  readonly anHour: number;
  /** `EUR`; may be empty. */
  readonly currency: string;
}

/** `0.526`, `0.526 EUR`, `$0.526`. */
export function parsePrice(text: string): Result<Price, string> {
  const match = /^(\D*?)\s*(\d+(?:\.\d+)?)\s*(\D*)$/.exec(text.trim());
  const [, before = '', amount = '', behind = ''] = match ?? [];
  const currency = `${before}${behind}`.trim();
  if (match === null || (before !== '' && behind !== '') || /[-+]/.test(currency)) {
    return failed(`"${text}" is no price of an instance an hour: write 0.526, or "0.526 EUR"`);
  }
  return ok({ anHour: Number(amount), currency });
}

export function costText(instanceHours: number, { anHour, currency }: Price): string {
  const amount = (instanceHours * anHour).toFixed(2);
  return currency === '' ? amount : `${amount} ${currency}`;
}
