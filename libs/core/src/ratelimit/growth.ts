import { hourMs, minuteMs } from '../lang/instant.ts';
import type { Millis } from '../lang/instant.ts';
import { paces } from '../setting/rate-limit-policy.ts';
import type { Decay, Growth, Pace } from '../setting/rate-limit-policy.ts';
import { roundTps } from './limit-bounds.ts';

/** How the limit climbs from where to where. */
export interface Climb {
  readonly baseTps: number;
  readonly ceilingTps: number;
  readonly pace: Pace;
}

/** A step of the curve that was rounded to a tenth is still that step. */
const roundingOfStep = 0.2;
/** Above what callers were seen to ask for. */
const demandMargin = 1.1;

/**
 * The limit after one more check with blocked calls: always above `limitTps`, at the ceiling after an hour of them, and never
 * the whole way in one step (facts ml-and-ai-services, part F, reference profile).
 */
export function grown(growth: Growth, limitTps: number, climb: Climb, demandTps: number): number {
  const next = nextOf(growth, limitTps, climb, demandTps);
  return Math.min(climb.ceilingTps, Math.max(roundTps(next), roundTps(limitTps + 0.1)));
}

function nextOf(growth: Growth, limitTps: number, climb: Climb, demandTps: number): number {
  switch (growth) {
    case 'geometric':
      return geometric(limitTps, climb);
    case 'linear':
      return limitTps + linearStep(climb);
    case 'demand': {
      // Whatever is seen, in an hour the ceiling is reached: blocked calls hide how many more would have come.
      const [slow, fast] = sorted(geometric(limitTps, climb), limitTps + linearStep(climb));
      return Math.min(fast, Math.max(slow, demandTps * demandMargin));
    }
  }
}

/** The next point of base × (ceiling / base)^(n / steps). */
function geometric(limitTps: number, climb: Climb): number {
  const { baseTps, ceilingTps } = climb;
  if (baseTps <= 0) return limitTps + linearStep(climb);
  const factor = (ceilingTps / baseTps) ** (1 / stepsOf(climb));
  if (factor <= 1) return ceilingTps;
  const step = Math.log(limitTps / baseTps) / Math.log(factor);
  return baseTps * factor ** (Math.floor(step + roundingOfStep) + 1);
}

function linearStep(climb: Climb): number {
  return (climb.ceilingTps - climb.baseTps) / stepsOf(climb);
}

function stepsOf({ pace }: Climb): number {
  return hourMs / paces[pace].everyMs;
}

function sorted(a: number, b: number): readonly [number, number] {
  return a < b ? [a, b] : [b, a];
}

/** From the ceiling to the base without a call. */
const decayMs: Millis = 30 * minuteMs;

/** The limit after one more check without blocked calls, at or above the base. */
export function decayed(decay: Decay, limitTps: number, climb: Climb): number {
  const { baseTps, ceilingTps, pace } = climb;
  const steps = decayMs / paces[pace].everyMs;
  switch (decay.kind) {
    case 'hold':
      return limitTps;
    case 'drop':
      return baseTps;
    case 'linear':
      return Math.max(baseTps, roundTps(limitTps - (ceilingTps - baseTps) / steps));
    case 'geometric': {
      if (baseTps <= 0) return 0;
      const lowered = roundTps(limitTps * (baseTps / ceilingTps) ** (1 / steps));
      return Math.max(baseTps, Math.min(lowered, roundTps(limitTps - 0.1)));
    }
  }
}
