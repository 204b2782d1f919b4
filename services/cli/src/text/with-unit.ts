import { unitOf } from '@headroom/core';
import type { TargetId } from '@headroom/core';

/** `10 → 14.7 calls/s`. Instances go without saying. */
export function withUnit(target: TargetId, amounts: string): string {
  const { many } = unitOf(target);
  return many === 'instances' ? amounts : `${amounts} ${many}`;
}
