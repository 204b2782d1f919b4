import { hourMs } from '@headroom/core';
import type { Decision } from '@headroom/core';

/** An action that undoes the one before so soon after is a flap. */
export const flapWithinMs = hourMs;

export interface ActionCounts {
  readonly scaleOuts: number;
  readonly scaleIns: number;
  readonly flaps: number;
}

/** Of decisions rising in time. */
export function countActions(decisions: readonly Decision[]): ActionCounts {
  const actions = decisions.filter(({ outcome }) => outcome !== 'Hold');
  const scaleOuts = actions.filter(({ outcome }) => outcome === 'ScaleOut').length;
  const flaps = actions.filter((action, place) => {
    const before = actions[place - 1];
    if (before === undefined || before.outcome === action.outcome) return false;
    return action.at - before.at <= flapWithinMs;
  });
  return { scaleOuts, scaleIns: actions.length - scaleOuts, flaps: flaps.length };
}
