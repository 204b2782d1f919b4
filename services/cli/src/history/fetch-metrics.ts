import pMap from 'p-map';
import { readBatches } from '@headroom/collector';
import type { ReadBatch } from '@headroom/collector';
import { instant } from '@headroom/core';
import type { AskedRead, Instant, Millis, Sample } from '@headroom/core';
import type { MetricSource, RefusedMetric } from '@headroom/ports';
import { beginOf, dayMs, daysOf, endOf, runsOf } from './days.ts';
import type { Day } from './days.ts';
import type { KnownSetting } from './known-setting.ts';
import { ownedReads } from './owned-reads.ts';
import type { OwnedRead } from './owned-reads.ts';

/** Settings whose days are fetched together, and the most days of settings: what is in memory at once. */
const settingsMax = 50;
const settingDaysMax = 100;
/** Reads at once. */
const readsMax = 3;
/** Azure keeps metrics so long, and refuses a read that begins earlier; a few minutes for clocks that differ. */
const keptMs: Millis = 93 * dayMs - 5 * 60_000;

export interface MetricsWanted {
  readonly settings: readonly KnownSetting[];
  readonly from: Instant;
  readonly to: Instant;
  readonly now: Instant;
  readonly source: MetricSource;
  /** Regions that are known already; what is learned is added. */
  readonly regions: Map<string, string>;
  /** Days of settings that are there now. */
  readonly onDays: (days: number, from: 'cache' | 'azure') => void;
  readonly onCalls: (calls: number) => void;
}

/** Fetches the days that the caches of the settings lack. */
export async function fetchMetrics(wanted: MetricsWanted): Promise<void> {
  for (let at = 0; at < wanted.settings.length; at += settingsMax) {
    const block = wanted.settings.slice(at, at + settingsMax);
    const missing = await missingOf(block, wanted);
    const days = block.length * daysOf(wanted.from, wanted.to).length;
    wanted.onDays(days - countOf(missing), 'cache');
    await learnRegions([...missing.keys()], wanted);
    const lacking = [...new Set([...missing.values()].flat())].toSorted();
    const most = Math.max(1, Math.floor(settingDaysMax / block.length));
    for (const run of runsOf(lacking, most)) await fetchRun(missing, run, wanted);
  }
}

type Missing = ReadonlyMap<KnownSetting, readonly Day[]>;

/** One call for each resource: where a batch can be asked for. */
async function learnRegions(
  settings: readonly KnownSetting[],
  { source, regions, onCalls }: MetricsWanted,
): Promise<void> {
  const resources = settings.flatMap(({ reads }) => reads.map(({ resource }) => resource));
  const unknown = [...new Set(resources)].filter((resource) => !regions.has(resource));
  for (const [resource, region] of await source.regionsOf(unknown)) regions.set(resource, region);
  onCalls(unknown.length);
}

async function missingOf(block: readonly KnownSetting[], wanted: MetricsWanted): Promise<Missing> {
  const { from, to } = wanted;
  const missing = new Map<KnownSetting, readonly Day[]>();
  for (const one of block) {
    const days: Day[] = [];
    for (const day of daysOf(from, to)) {
      if (!(await one.cache.has(day, one.asked, earliest(from, wanted.now)))) days.push(day);
    }
    if (days.length > 0) missing.set(one, days);
  }
  return missing;
}

function countOf(missing: Missing): number {
  return [...missing.values()].reduce((sum, days) => sum + days.length, 0);
}

/** Whole days, so that one is not fetched again for its first hours. */
async function fetchRun(
  missing: Missing,
  run: readonly Day[],
  { now, source, regions, onDays, onCalls }: MetricsWanted,
): Promise<void> {
  const owners = [...missing.keys()].filter((one) =>
    missing.get(one)?.some((day) => run.includes(day)),
  );
  const from = earliest(beginOf(run[0] ?? ''), now);
  const to = instant(Math.min(endOf(run.at(-1) ?? ''), now));
  const found = new Map(owners.map((one) => [one, new Fetched()]));
  const batches = readBatches(ownedReads(owners), regions);
  const ask = async ({ call, reads }: ReadBatch<OwnedRead>): Promise<void> => {
    const { samples, refused, calls } = await source.read({ ...call, from, to });
    shareOut(samples, refused, reads, found);
    onCalls(calls);
  };
  await pMap(batches, ask, { concurrency: readsMax });
  for (const [one, { samples, refused }] of found) {
    const days = run.filter((day) => missing.get(one)?.includes(day));
    const byDay = Map.groupBy(samples, ({ time }) => Math.floor(time / dayMs));
    for (const day of days) {
      const begin = instant(Math.max(from, beginOf(day)));
      const span = { from: begin, to: instant(Math.min(to, endOf(day))), at: now };
      const fetched = { ...span, asked: one.asked, refused };
      await one.cache.keepDay(day, fetched, byDay.get(beginOf(day) / dayMs) ?? []);
    }
    onDays(days.length, 'azure');
  }
}

class Fetched {
  readonly samples: Sample[] = [];
  readonly refused: RefusedMetric[] = [];
}

/** Each setting gets what it asked for, several of them the same samples. */
function shareOut(
  samples: readonly Sample[],
  refused: readonly RefusedMetric[],
  owned: readonly OwnedRead[],
  found: ReadonlyMap<KnownSetting, Fetched>,
): void {
  const owners = new Map(owned.map((read) => [keyOf(read), read.of]));
  let of: readonly KnownSetting[] = [];
  let last: Sample['series'] | undefined;
  for (const sample of samples) {
    // Samples of one series come together, and share it.
    if (sample.series !== last) of = owners.get(keyOf(sample.series)) ?? [];
    last = sample.series;
    for (const one of of) found.get(one)?.samples.push(sample);
  }
  for (const each of refused) {
    const hit = owned.filter((read) => isOf(each, read));
    for (const one of new Set(hit.flatMap(({ of }) => of))) found.get(one)?.refused.push(each);
  }
}

function isOf({ resource, metric }: RefusedMetric, read: AskedRead): boolean {
  return (
    resource === read.resource &&
    (metric === undefined || keyOf({ resource, metric }) === keyOf(read))
  );
}

function keyOf({ resource, metric }: { resource: string; metric: string }): string {
  return `${resource}\n${metric.toLowerCase()}`;
}

function earliest(from: Instant, now: Instant): Instant {
  return instant(Math.max(from, now - keptMs));
}
