import {
  activeProfile,
  after,
  dividesPerInstance,
  holds,
  minuteMs,
  TimeZones,
} from '@headroom/core';
import type { ActiveProfile, Direction, Instant, Millis, Rule } from '@headroom/core';
import type { AssessedHistory } from './assessed-history.ts';
import { countAt } from './counts.ts';
import { WindowValues } from './window-values.ts';

/** What each rule of a setting compared at each instant of a history, by windows and by single grains. */
export class RuleValues {
  readonly #assessed: AssessedHistory;
  readonly #zones = new TimeZones();
  readonly #windows = new Map<string, WindowValues>();

  constructor(assessed: AssessedHistory) {
    this.#assessed = assessed;
  }

  profileAt(at: Instant): ActiveProfile | undefined {
    return activeProfile(this.#assessed.history.setting, at, this.#zones);
  }

  windowsOf({ trigger }: Rule): WindowValues {
    return this.#valuesOf(trigger);
  }

  grainsOf({ trigger }: Rule): WindowValues {
    return this.#valuesOf({ ...trigger, timeWindowMs: trigger.timeGrainMs });
  }

  /** As the rule compares it: by instance where it says so. */
  observed(rule: Rule, values: WindowValues, place: number, count: number): number | undefined {
    const value = values.value(place);
    if (value === undefined || !dividesPerInstance(rule.trigger)) return value;
    return count > 0 ? value / count : undefined;
  }

  fires(rule: Rule, values: WindowValues, place: number, count: number): boolean {
    const value = this.observed(rule, values, place, count);
    const { operator, threshold } = rule.trigger;
    return value !== undefined && holds(operator, value, threshold);
  }

  /**
   * The first frontier from which on the rule fired until the newest one before `at` at which it did; not before `since`.
   * The newest few are passed over: Azure may not have seen them.
   */
  crossing(rule: Rule, at: Instant, since: Instant, count: number): number | undefined {
    const values = this.windowsOf(rule);
    const oldest = after(at, -passedOverMs);
    let place = values.placeAt(at);
    const frontier = () => values.frontier(place) ?? -Infinity;
    while (frontier() > oldest && !this.fires(rule, values, place, count)) place--;
    if (!this.fires(rule, values, place, count)) return undefined;
    while (frontier() > since && this.fires(rule, values, place - 1, count)) place--;
    return place;
  }

  countAt(at: Instant): number | undefined {
    return countAt(this.#assessed.counts.changes, at);
  }

  #valuesOf(trigger: Rule['trigger']): WindowValues {
    const { metricName, resource, timeGrainMs, statistic, timeWindowMs } = trigger;
    const { timeAggregation, dimensions } = trigger;
    const key = JSON.stringify([
      ...[metricName.toLowerCase(), resource, timeGrainMs, statistic],
      ...[timeWindowMs, timeAggregation, dimensions],
    ]);
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const values = new WindowValues(trigger, this.#assessed.log.all);
    this.#windows.set(key, values);
    return values;
  }
}

/** Azure's data is seldom older. */
const passedOverMs: Millis = 6 * minuteMs;

/** Rules by what they ask for at a count. */
export function rulesOf(
  active: ActiveProfile | undefined,
  direction: Direction,
  count: number,
): readonly Rule[] {
  return (active?.profile.rules ?? []).filter(({ action }) => {
    if (action.direction !== 'None')
      return (action.direction === 'Increase') === (direction === 'out');
    return action.value > count === (direction === 'out');
  });
}
