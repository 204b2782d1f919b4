import { askedReads, instant, minuteMs } from '@headroom/core';
import type { AskedRead, AutoscaleSetting, Sample } from '@headroom/core';
import type { AutoscaleEvent, AutoscaleEventKind } from '@headroom/ports';
import { formerProfiles } from '@headroom/scenario';
import type { ObservedValue, TargetHistory } from '@headroom/scenario';
import { readActiveProfile, readAutoscaleSetting } from '@headroom/wire';
import type { ActivityEntry } from '../reference/azure-engine/activity.ts';
import type { Measured, Series } from '../reference/azure-engine/metric-database.ts';
import type { Recording } from '../reference/azure-engine/run-setting.ts';

/** What is on record of a run, without the way through Azure's interfaces: for looking at one setting quickly. */
export function historyOf(recording: Recording): TargetHistory {
  const { member, database, activity, capacities } = recording;
  const parsed = readAutoscaleSetting(member.setting);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const setting = parsed.value;
  const events = activity.flatMap((entry) => eventOf(entry, setting)).sort((a, b) => a.at - b.at);
  return {
    setting,
    settingId: member.setting.id.toLowerCase(),
    from: instant(database.begin),
    to: instant(database.endOf(database.minutes - 1)),
    samples: samplesOf(setting, recording),
    capacities: capacities.map(({ at, instances }) => ({ at: instant(at), instances })),
    events,
    formerProfiles: formerProfiles(setting, events, readActiveProfile),
    observed: observedOf(recording),
    gaps: [],
  };
}

function samplesOf(setting: AutoscaleSetting, { database }: Recording): readonly Sample[] {
  const samples: Sample[] = [];
  for (const asked of askedReads(setting)) {
    for (const group of groupsOf(asked, database.all())) {
      for (let minute = 0; minute < database.minutes; minute++) {
        const sum = { count: 0, total: 0, minimum: Infinity, maximum: -Infinity };
        for (const series of group.members) series.addTo(sum, minute, minute);
        if (sum.count > 0)
          samples.push({ ...sampleAt(group, database.begin + minute * minuteMs), ...sum });
      }
    }
  }
  return samples.sort((a, b) => a.time - b.time);
}

interface Group {
  readonly series: Sample['series'];
  readonly members: readonly Series[];
}

/** By the values of the dimensions that are split; over the others Azure aggregates. */
function groupsOf(asked: AskedRead, all: readonly Series[]): readonly Group[] {
  const found = all.filter(
    ({ name }) => name.resource.toLowerCase() === asked.resource && name.metric === asked.metric,
  );
  const groups = Map.groupBy(found, ({ name }) => {
    return JSON.stringify(asked.split.map((dimension) => [dimension, name.dimensions[dimension]]));
  });
  return [...groups].map(([key, members]) => ({
    series: {
      resource: asked.resource,
      metric: asked.metric.toLowerCase(),
      dimensions: JSON.parse(key) as [string, string][],
    },
    members,
  }));
}

function sampleAt({ series }: Group, at: number): Omit<Sample, keyof Measured> {
  return { series, time: instant(at), grainMs: minuteMs };
}

const kinds: Readonly<Record<string, AutoscaleEventKind>> = {
  Scaleup: 'ScaleStarted',
  Scaledown: 'ScaleStarted',
  ScaleupResult: 'ScaleSucceeded',
  ScaledownResult: 'ScaleSucceeded',
  MetricFailure: 'MetricFailure',
  MetricRecovery: 'MetricRecovery',
};

function eventOf(entry: ActivityEntry, setting: AutoscaleSetting): readonly AutoscaleEvent[] {
  if (entry.category !== 'Autoscale') return [];
  const { timeMs, resourceId, operationName, correlationId, properties, eventName } = entry;
  const usual =
    kinds[operationName.split('/')[2] ?? ''] ??
    (eventName === 'FlappingOccurred' ? 'FlappingAdjusted' : 'Flapping');
  const kind = entry.status === 'Failed' && usual === 'ScaleSucceeded' ? 'ScaleFailed' : usual;
  const { OldInstancesCount: from, NewInstancesCount: to } = properties;
  const profile = (JSON.parse(properties['ActiveAutoscaleProfile'] ?? '{}') as { Name?: string })
    .Name;
  return [
    {
      ...{ at: instant(timeMs), kind, correlationId, description: entry.description },
      setting: resourceId.toLowerCase(),
      target: setting.target,
      ...(from === undefined ? {} : { from: Number(from) }),
      ...(to === undefined ? {} : { to: Number(to) }),
      ...(profile === undefined ? {} : { profile }),
      ...(kind === 'ScaleStarted' ? { activeProfile: properties['ActiveAutoscaleProfile']! } : {}),
    },
  ];
}

function observedOf({ database, member }: Recording): readonly ObservedValue[] {
  const values: ObservedValue[] = [];
  for (const series of database.of(member.setting.id, 'ObservedMetricValue')) {
    const source = series.name.dimensions['MetricTriggerSource'] ?? '';
    for (let minute = 0; minute < series.minutes; minute++) {
      const measured = series.at(minute);
      if (measured === undefined) continue;
      const at = instant(database.begin + minute * minuteMs);
      values.push({ at, source, value: measured.total / measured.count });
    }
  }
  return values.sort((a, b) => a.at - b.at);
}
