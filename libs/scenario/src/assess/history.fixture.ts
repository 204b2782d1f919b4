import { after, instant, minuteMs } from '@headroom/core';
import type { AutoscaleSetting, Instant, Profile, Sample } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import type { ObservedValue, TargetHistory } from '../history/target-history.ts';
import { setting as cpuSetting } from '../scale-test.fixture.ts';
import { parseSeries } from '../series-notation.ts';

/** A Monday. */
export const start = instant(Date.UTC(2026, 0, 5));

/** Azure acts at minute `at`, from one count to another, and is ready at `ends`. */
export interface Done {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly ends?: number;
  readonly failed?: true;
  readonly predictive?: true;
  readonly profile?: string;
}

export interface Told {
  readonly setting?: AutoscaleSetting;
  /** Values a minute, by metric, in the notation of scale tests. */
  readonly metrics: Readonly<Record<string, string>>;
  readonly azure?: readonly Done[];
  /** `[minute, instances]`. */
  readonly counts?: readonly (readonly [number, number])[];
  /** `[minute, kind]`. */
  readonly said?: readonly (readonly [number, AutoscaleEvent['kind']])[];
  /** `[minute, source, value]`. */
  readonly read?: readonly (readonly [number, string, number])[];
  /** `[value, from, to]`, in minutes. */
  readonly compared?: readonly (readonly [number, number, number])[];
  /** `[minute, direction, count]`. */
  readonly counted?: readonly (readonly [number, string, number])[];
  readonly from?: Instant;
  /** `[minute, profile]`. */
  readonly former?: readonly (readonly [number, Profile])[];
}

export function minute(count: number, from = start): Instant {
  return after(from, count * minuteMs);
}

/** What is on record where somebody kept these few things. */
export function historyOf(told: Told): TargetHistory {
  const { setting = cpuSetting, azure = [], counts = [], said = [], from = start } = told;
  const samples = Object.entries(told.metrics).flatMap(([metric, text]) =>
    samplesOf(setting, metric, text, from),
  );
  const minutes = Math.max(0, ...samples.map(({ time }) => (time - from) / minuteMs + 1));
  const base = { setting: setting.name, target: setting.target, description: '' };
  const events = [
    ...azure.flatMap((done, place) => eventsOf(done, place, from)),
    ...said.map(([at, kind]) => ({ at: minute(at, from), kind, correlationId: `said ${at}` })),
  ];
  return {
    setting,
    settingId: setting.name,
    ...{ from, to: minute(minutes, from), gaps: [] },
    samples,
    capacities: counts.map(([at, instances]) => ({ at: minute(at, from), instances })),
    events: events.map((event) => ({ ...base, ...event })).sort((a, b) => a.at - b.at),
    formerProfiles: (told.former ?? []).map(([at, profile]) => ({ at: minute(at, from), profile })),
    observed: (told.read ?? []).map(([at, source, value]): ObservedValue => ({
      at: minute(at, from),
      source,
      value,
    })),
    ...ownOf(told, from),
  };
}

function ownOf({ compared, counted }: Told, from: Instant): Partial<TargetHistory> {
  const thresholds = compared?.map(([value, first, last]) => {
    return { rule: `over ${value}`, value, from: minute(first, from), to: minute(last, from) };
  });
  const countedActions = counted?.map(([at, direction, count]) => {
    return { at: minute(at, from), direction, count };
  });
  return {
    ...(thresholds === undefined ? {} : { thresholds }),
    ...(countedActions === undefined ? {} : { countedActions }),
  };
}

function samplesOf(
  setting: AutoscaleSetting,
  metric: string,
  text: string,
  from: Instant,
): readonly Sample[] {
  const parsed = parseSeries(text);
  if (!parsed.ok) throw new Error(parsed.error);
  const series = { resource: setting.target, metric: metric.toLowerCase(), dimensions: [] };
  return [...parsed.value].flatMap((value, place) => {
    const amounts = { count: 1, total: value, minimum: value, maximum: value };
    const time = minute(place, from);
    return Number.isNaN(value) ? [] : [{ series, time, grainMs: minuteMs, ...amounts }];
  });
}

function eventsOf(done: Done, place: number, start: Instant) {
  const { from, to, at, ends, failed, predictive, profile } = done;
  const shared = { from, to, correlationId: `action ${place}` };
  const end = failed === true ? ('ScaleFailed' as const) : ('ScaleSucceeded' as const);
  return [
    {
      ...shared,
      at: minute(at, start),
      kind: predictive === true ? ('PredictiveScale' as const) : ('ScaleStarted' as const),
      ...(profile === undefined ? {} : { profile }),
    },
    ...(ends === undefined ? [] : [{ ...shared, at: minute(ends, start), kind: end }]),
  ];
}
