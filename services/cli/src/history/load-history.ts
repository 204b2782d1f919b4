import { hourMs, instant, isoOf, targetId } from '@headroom/core';
import type { AskedRead, Instant, Sample } from '@headroom/core';
import { formerProfiles } from '@headroom/scenario';
import type { TargetHistory } from '@headroom/scenario';
import { readActiveProfile } from '@headroom/wire';
import { shortName } from '../text/target-name.ts';
import { actionsInitiated, metricThreshold, observedCapacity, observedValue } from './asked-of.ts';
import { capacitiesOf } from './capacities.ts';
import { daysOf } from './days.ts';
import type { KnownSetting } from './known-setting.ts';
import { comparedOf, countedOf, observedOf } from './own-metrics.ts';

/** Gaps of one kind that are told one by one. */
const gapsMax = 10;

/**
 * What the cache has of a setting in [since, to). It begins with what is first on record: of a target that is younger, or
 * of days that were not fetched, nothing is known, neither instances nor what anybody should have done.
 */
export async function loadHistory(
  known: KnownSetting,
  since: Instant,
  to: Instant,
): Promise<TargetHistory> {
  const { id, setting, cache, reads } = known;
  const { samples: all, gaps: ofDays } = await samplesOf(known, since, to);
  const { events: every, gaps: ofEvents } = await cache.events();
  const events = every.filter(({ at }) => at >= since && at < to);
  const from = firstOf(all.values(), events) ?? since;
  const own = (metric: string) => all.get(keyOf(id, metric)) ?? [];
  const refused = await refusedOf(known, from, to);
  const rules = reads.filter(({ resource }) => resource !== id);
  return {
    setting,
    settingId: id,
    from,
    to,
    samples: rules
      .flatMap(({ resource, metric }) => all.get(keyOf(resource, metric)) ?? [])
      .toSorted((a, b) => a.time - b.time),
    capacities: capacitiesOf(events, own(observedCapacity), from),
    events,
    formerProfiles: formerProfiles(setting, events, readActiveProfile),
    observed: own(observedValue).map(observedOf),
    thresholds: comparedOf(own(metricThreshold)),
    countedActions: own(actionsInitiated).flatMap(countedOf),
    gaps: [
      ...few(ofDays),
      ...(ofDays.length > 0 ? [] : laterThan(since, from)),
      ...few(ofEvents),
      ...refused.texts,
      ...emptyOf(rules, all, refused.reads),
    ],
  };
}

async function samplesOf({ cache }: KnownSetting, from: Instant, to: Instant) {
  const samples = new Map<string, Sample[]>();
  const gaps: string[] = [];
  for (const day of daysOf(from, to)) {
    const read = await cache.readDay(day);
    gaps.push(...read.gaps);
    for (const sample of read.samples) {
      if (sample.time < from || sample.time >= to) continue;
      const key = keyOf(sample.series.resource, sample.series.metric);
      const list = samples.get(key);
      if (list === undefined) samples.set(key, [sample]);
      else list.push(sample);
    }
  }
  for (const list of samples.values()) list.sort((a, b) => a.time - b.time);
  return { samples, gaps };
}

function firstOf(
  lists: Iterable<readonly Sample[]>,
  events: readonly { readonly at: Instant }[],
): Instant | undefined {
  const times = [...[...lists].map(([sample]) => sample?.time), ...events.map(({ at }) => at)];
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : instant(Math.min(...known));
}

/** A grain or a quiet hour at the begin is not worth a word. */
const toldLateMs = hourMs;

function laterThan(since: Instant, from: Instant): readonly string[] {
  if (from - since <= toldLateMs) return [];
  return [`the time before ${isoOf(from)}: what is told begins there`];
}

/** What Azure refused, once for all days, and the names of what was asked for. */
async function refusedOf({ cache, reads }: KnownSetting, from: Instant, to: Instant) {
  const wanted = new Set(daysOf(from, to));
  const days = [...(await cache.days())].filter(([day]) => wanted.has(day));
  const all = days.flatMap(([, { refused }]) => refused);
  const told = Map.groupBy(all, ({ resource, metric, why }) => {
    return `${metric === undefined ? 'no metric' : `no ${metric}`} of ${nameOf(resource)}: ${why}`;
  });
  const texts = [...told].map(([text, { length }]) => {
    return length === 1 ? text : `${text} (${length} days)`;
  });
  const hit = reads.filter((read) =>
    all.some(({ resource, metric = read.metric }) => {
      return resource === read.resource && isSame(metric, read.metric);
    }),
  );
  return { texts, reads: new Set(hit) };
}

/** Metrics without any value that are not among the refused ones. */
function emptyOf(
  rules: readonly AskedRead[],
  samples: ReadonlyMap<string, readonly Sample[]>,
  refused: ReadonlySet<AskedRead>,
): readonly string[] {
  return rules
    .filter((read) => !refused.has(read) && !samples.has(keyOf(read.resource, read.metric)))
    .map(({ resource, metric }) => `${metric} of ${nameOf(resource)} has no value in this time`);
}

function nameOf(resource: string): string {
  return shortName(targetId(resource)) || resource;
}

function few(gaps: readonly string[]): readonly string[] {
  if (gaps.length <= gapsMax) return gaps;
  return [...gaps.slice(0, gapsMax), `and ${gaps.length - gapsMax} more such`];
}

function keyOf(resource: string, metric: string): string {
  return `${resource}\n${metric.toLowerCase()}`;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
