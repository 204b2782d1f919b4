import { durationText, never } from '@headroom/core';
import type { Instant, Override, OverrideKind } from '@headroom/core';
import { printable } from './printable.ts';
import { formatInstant } from './when.ts';

/** `pinned to 4 by ann until 2026-11-21 16:30:00Z: load test`. */
export function overrideText(override: Override): string {
  const { owner, until, reason } = override;
  return `${stateText(override)} by ${printable(owner)} until ${formatInstant(until)}: ${printable(reason)}`;
}

/** `1 h 30 min left`. */
export function leftText({ until }: Override, now: Instant): string {
  return until <= now ? 'ended' : `${durationText(until - now)} left`;
}

export const overrideKinds: readonly OverrideKind[] = ['pause', 'pin', 'freeze'];

function stateText(override: Override): string {
  switch (override.kind) {
    case 'pause':
      return 'paused';
    case 'freeze':
      return 'frozen';
    case 'pin':
      return `pinned to ${override.to}`;
    case 'confirm':
      return 'confirmed';
    default:
      return never(override);
  }
}
