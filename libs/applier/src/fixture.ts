import { after, instant, minuteMs, targetId } from '@headroom/core';
import type { Instant, ScaleCommand, TargetId } from '@headroom/core';

/** Names that the tests of this package share. */
export const start: Instant = instant(1_800_000_000_000);

const endpoint =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/e';
export const blue: TargetId = targetId(`${endpoint}/deployments/blue`);
export const green: TargetId = targetId(`${endpoint}/deployments/green`);

export interface CommandWish {
  readonly target?: TargetId;
  readonly sequence?: number;
  readonly expectedCapacity?: number;
  readonly to?: number;
  readonly at?: Instant;
}

/** A command of the log `log`, 2 → 4 at `start` where nothing else is said. */
export function command(id: string, wish: CommandWish = {}): ScaleCommand {
  const at = wish.at ?? start;
  const position = { logId: 'log', partition: 1, sequence: wish.sequence ?? 0 };
  return {
    kind: 'scale',
    id,
    target: wish.target ?? blue,
    expectedCapacity: wish.expectedCapacity ?? 2,
    to: wish.to ?? 4,
    reason: 'ScaleOutRule',
    source: { kind: 'log', position },
    decidedAt: at,
    startBy: after(at, 2 * minuteMs),
  };
}
