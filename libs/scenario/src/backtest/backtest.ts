import { durationText } from '@headroom/core';
import type { Millis, Policy } from '@headroom/core';
import type { TargetHistory } from '../history/target-history.ts';
import type { Backtested, BacktestRun } from './backtested.ts';
import { CapacityCurve, idleMs, instanceHours } from './capacity-curve.ts';
import { chooseModels } from './choose-models.ts';
import { ClosedLoop } from './closed-loop.ts';
import { Deliveries, samplesByMetric } from './deliveries.ts';
import { countActions } from './figures.ts';
import { percentText } from './load-model.ts';
import type { LoadModel } from './load-model.ts';
import { defaultDataAgeMs } from './options.ts';
import type { BacktestOptions, Candidate } from './options.ts';
import { provisioningOf } from './provisioning.ts';
import { recordedSpan } from './recorded-span.ts';
import type { RecordedSpan } from './recorded-span.ts';
import { ThresholdTime } from './threshold-time.ts';

/** How far the setting on record may come out beside its own history, relative to that. */
export const ownDifferenceMost = 0.1;

/**
 * A setting over recorded load, from the capacity on record at the begin: what it would have decided, and what would have
 * come of it. That is no better than what is known of how the load follows the instances: where that is not known, it is refused
 * with the reason.
 */
export function backtest(
  history: TargetHistory,
  candidate: Candidate,
  options: BacktestOptions = {},
): Backtested {
  const span = recordedSpan(history, options);
  if (!span.ok) return { kind: 'refused', why: span.error };
  const { from, to, recorded } = span.value;
  const samples = samplesByMetric(history.samples, from, to);
  const settings = [candidate.setting, options.yardstick ?? candidate.setting];
  const stated = options.models ?? new Map();
  const models = chooseModels({ settings, samples, recorded, stated });
  if (!models.ok) return models.error;
  const deliveries = new Deliveries(samples, models.value, options.dataAgeMs ?? defaultDataAgeMs);
  const run = runLoop(history, candidate, options, span.value, models.value, deliveries);
  return { kind: 'run', run };
}

/**
 * The history's own setting. Where its instance-hours are not those on record, neither are those of any other setting: then it
 * is refused.
 */
export function backtestOwn(
  history: TargetHistory,
  policy: Policy,
  options: BacktestOptions = {},
): Backtested {
  const result = backtest(history, { setting: history.setting, policy }, options);
  if (result.kind === 'refused' || options.capacity !== undefined) return result;
  const { from, to, figures } = result.run;
  const recorded = instanceHours(history.capacities, from, to);
  const difference = figures.instanceHours - recorded;
  if (Math.abs(difference) <= ownDifferenceMost * recorded) return result;
  const part = recorded > 0 ? `${percentText(Math.abs(difference) / recorded)} ` : '';
  const how = difference > 0 ? 'more' : 'less';
  const why = `the setting on record comes out at ${figures.instanceHours.toFixed(1)} instance-hours where ${recorded.toFixed(1)} are on record, ${part}${how}: up to ${percentText(ownDifferenceMost)} is let through. Something else decided too (another setting at the time, counts set by hand, predictive autoscale), or the metrics do not follow the instances as assumed: ${result.run.models.map(({ metric, text }) => `${metric}, ${text}`).join('; ')}`;
  return { kind: 'refused', why };
}

function runLoop(
  { events }: TargetHistory,
  candidate: Candidate,
  options: BacktestOptions,
  { from, to, recorded, capacity, isOnRecord }: RecordedSpan,
  models: ReadonlyMap<string, LoadModel>,
  deliveries: Deliveries,
): BacktestRun {
  const { dataAgeMs = defaultDataAgeMs, path = 'poll', yardstick = candidate.setting } = options;
  const simulated = new CapacityCurve([{ at: from, instances: capacity }]);
  const provisioning = provisioningOf(events, options.provisioningMs);
  const thresholds = new ThresholdTime(yardstick, path, from);
  const span = { from, to, deliveries, path, recorded, simulated };
  const loop = new ClosedLoop({ ...candidate, ...span, provisioning, thresholds });
  loop.run();
  const hours = instanceHours(simulated.changes, from, to);
  const unservedMs = idleMs(recorded.changes, from, to);
  return {
    from,
    to,
    capacities: simulated.changes,
    decisions: loop.decisions,
    evaluations: loop.evaluations,
    figures: {
      instanceHours: hours,
      ...countActions(loop.decisions),
      overThresholdMs: thresholds.overMs,
      underThresholdMs: thresholds.underMs,
      atMaximumMs: loop.atMaximumMs,
    },
    models: [...models.values()].map((model) => model.use()),
    assumptions: [
      provisioning.text,
      `metrics are there ${durationText(dataAgeMs)} after their grain has ended`,
      ...(unservedMs > 0 ? [idleText(unservedMs)] : []),
      ...(isOnRecord ? [] : [`there were ${capacity} instances all the time, as stated`]),
    ],
  };
}

/** What nobody served is not known: the load of an instance then is that of none. */
function idleText(ms: Millis): string {
  return `no instance is on record for ${durationText(ms)}: no metric comes then, and a count below the default rises to it`;
}
