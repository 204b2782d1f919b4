import { instant } from '@headroom/core';
import type { AskedRead, Instant, Sample } from '@headroom/core';
import { formerProfiles } from '@headroom/scenario';
import type { ObservedValue, TargetHistory } from '@headroom/scenario';
import { readActiveProfile } from '@headroom/wire';
import { observedCapacity, observedValue, sourceDimension } from './asked-of.ts';
import { capacitiesOf } from './capacities.ts';
import { daysOf } from './days.ts';
import type { KnownSetting } from './known-setting.ts';

/** Gaps of one kind that are told one by one. */
const gapsMax = 10;

/** What the cache has of a setting in [from, to). */
export async function loadHistory(
  known: KnownSetting,
  from: Instant,
  to: Instant,
): Promise<TargetHistory> {
  const { id, setting, cache, reads } = known;
  const { samples: all, gaps: ofDays } = await samplesOf(known, from, to);
  const { events: every, gaps: ofEvents } = await cache.events();
  const events = every.filter(({ at }) => at >= from && at < to);
  const observed = all.get(keyOf(id, observedCapacity)) ?? [];
  const rules = reads.filter(({ resource }) => resource !== id);
  return {
    setting,
    settingId: id,
    from,
    to,
    samples: rules
      .flatMap(({ resource, metric }) => all.get(keyOf(resource, metric)) ?? [])
      .toSorted((a, b) => a.time - b.time),
    capacities: capacitiesOf(events, observed, from),
    events,
    formerProfiles: formerProfiles(setting, events, readActiveProfile),
    observed: (all.get(keyOf(id, observedValue)) ?? []).map(observedOf),
    gaps: [
      ...few(ofDays),
      ...few(ofEvents),
      ...(await refusedOf(known, from, to)),
      ...emptyOf(rules, all),
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

function observedOf({ series, time, count, total }: Sample): ObservedValue {
  const source = series.dimensions.find(([name]) => isSame(name, sourceDimension))?.[1] ?? '';
  return { at: instant(time), source, value: count > 0 ? total / count : total };
}

/** What Azure refused, once for all days. */
async function refusedOf({ cache }: KnownSetting, from: Instant, to: Instant): Promise<string[]> {
  const wanted = new Set(daysOf(from, to));
  const told = new Map<string, number>();
  for (const [day, { refused }] of await cache.days()) {
    if (!wanted.has(day)) continue;
    for (const { resource, metric, why } of refused) {
      const text = `${metric === undefined ? 'no metric' : `no ${metric}`} of ${resource}: ${why}`;
      told.set(text, (told.get(text) ?? 0) + 1);
    }
  }
  return [...told].map(([text, days]) => (days === 1 ? text : `${text} (${days} days)`));
}

function emptyOf(
  rules: readonly AskedRead[],
  samples: ReadonlyMap<string, readonly Sample[]>,
): readonly string[] {
  return rules
    .filter(({ resource, metric }) => !samples.has(keyOf(resource, metric)))
    .map(({ resource, metric }) => `${metric} of ${resource} has no value in this time`);
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
