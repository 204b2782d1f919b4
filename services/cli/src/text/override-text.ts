import { durationText, never } from '@headroom/core';
import type { Instant, Override, OverrideKind, TargetId } from '@headroom/core';
import { printable } from './printable.ts';
import { formatInstant } from './when.ts';
import { withUnit } from './with-unit.ts';

/** `pinned to 4 by ann until 2026-11-21 16:30:00Z: load test`. */
export function overrideText(override: Override, target: TargetId): string {
  const { owner, until, reason } = override;
  return `${stateText(override, target)} by ${printable(owner)} until ${formatInstant(until)}: ${printable(reason)}`;
}

/** `1 h 30 min left`. */
export function leftText({ until }: Override, now: Instant): string {
  return until <= now ? 'ended' : `${durationText(until - now)} left`;
}

export const overrideKinds: readonly OverrideKind[] = ['pause', 'pin', 'freeze', 'confirm'];

function stateText(override: Override, target: TargetId): string {
  switch (override.kind) {
    case 'pause':
      return 'paused';
    case 'freeze':
      return 'frozen';
    case 'pin':
      return `pinned to ${withUnit(target, String(override.to))}`;
    case 'confirm':
      return 'raises confirmed';
    default:
      return never(override);
  }
}
