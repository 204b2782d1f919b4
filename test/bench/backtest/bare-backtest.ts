/** What the yardstick is told: minutes, per cent, and instances that share a demand. */
export interface BareBacktest {
  /** Of all instances together, minute by minute. */
  readonly demand: Float64Array;
  readonly windows: readonly number[];
  readonly above: readonly number[];
  readonly below: readonly number[];
  readonly minimum: number;
  readonly maximum: number;
  readonly capacity: number;
  readonly cooldown: number;
  readonly ageMinutes: number;
  readonly provisioning: number;
}

export interface BareFigures {
  readonly evaluations: number;
  readonly instanceHours: number;
  readonly actions: number;
}

/**
 * The bare work of a backtest: divide, average, compare, count. One metric that is there each minute, at whole minutes; no
 * profile, no dimension, no late or missing data, no reason and no record.
 */
export function bareBacktest(setup: BareBacktest): BareFigures {
  const { demand, windows, above, below, minimum, maximum, cooldown, ageMinutes } = setup;
  const shown = new Float64Array(demand.length);
  let capacity = setup.capacity;
  let [to, endsAt, actedAt, hours, actions] = [capacity, -1, -Infinity, 0, 0];
  for (let minute = 0; minute < demand.length; minute++) {
    if (minute === endsAt) capacity = to;
    shown[minute] = (demand[minute] ?? 0) / capacity;
    hours += capacity / 60;
    if (minute < endsAt) continue;
    const last = minute - ageMinutes;
    let isOver = false;
    let isUnder = true;
    let most = 0;
    for (let rule = 0; rule < windows.length; rule++) {
      const value = averageOf(shown, last, windows[rule] ?? 1);
      isOver ||= value > (above[rule] ?? Infinity);
      isUnder &&= value < (below[rule] ?? -Infinity);
      most = Math.max(most, value / (above[rule] ?? Infinity));
    }
    if (minute - actedAt < cooldown) continue;
    if (isOver && capacity < maximum) to = capacity + 1;
    else if (isUnder && capacity > minimum && (most * capacity) / (capacity - 1) <= 1)
      to = capacity - 1;
    if (to === capacity) continue;
    actions++;
    actedAt = minute;
    endsAt = minute + setup.provisioning;
  }
  return { evaluations: demand.length, instanceHours: hours, actions };
}

function averageOf(shown: Float64Array, last: number, length: number): number {
  let sum = 0;
  for (let at = Math.max(0, last - length + 1); at <= last; at++) sum += shown[at] ?? 0;
  return sum / length;
}
