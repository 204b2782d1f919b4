import { after, isoOf } from '@headroom/core';
import type { Instant, Millis, Override } from '@headroom/core';
import { parseOverrides } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';

/** What is asked for. */
export type WantedOverride =
  | { readonly kind: 'pause' }
  | { readonly kind: 'pin'; readonly to: number }
  | { readonly kind: 'freeze' }
  | { readonly kind: 'confirm' };

/** By whom, why and for how long. */
export interface WantedTerm {
  readonly forMs: Millis;
  readonly owner: string;
  readonly reason: string;
}

/** From now on. Throws `CommandFailed` that names the option which is out of its limits. */
export function overrideOf(
  wanted: WantedOverride,
  { forMs, owner, reason }: WantedTerm,
  now: Instant,
): Override {
  const term = { at: isoOf(now), until: isoOf(after(now, forMs)), owner, reason };
  const parsed = parseOverrides([{ ...wanted, ...term }]);
  if (!parsed.ok) {
    const problems = parsed.error.map(({ field, message }) => `${optionOf(field)}: ${message}`);
    throw new CommandFailed(problems.join('; '));
  }
  const [override] = parsed.value;
  if (override === undefined) throw new Error('an override was parsed into none');
  return override;
}

const options: ReadonlyMap<string, string> = new Map([
  ['owner', '--owner'],
  ['reason', '--reason'],
  ['until', '--for'],
  ['to', 'the count'],
]);

/** Where a person gave the member of the document. */
function optionOf(field: string): string {
  const member = field.split('.').at(-1) ?? '';
  return options.get(member) ?? member;
}
