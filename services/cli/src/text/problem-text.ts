import type { Problem } from '@headroom/core';
import { printable } from './printable.ts';

/** `properties.profiles[0].rules: 11 rules: a profile has at most 10`. */
export function problemText({ field, message, code }: Problem): string {
  const what = code === undefined ? message : `${message} (${code})`;
  return printable(`${field === '' ? 'the document' : field}: ${what}`);
}
