import { instant } from '@headroom/core';
import type { Dimensions, Sample } from '@headroom/core';
import { completeMeasurement, dimensionsInOrder } from '@headroom/wire';
import type { AnsweredMetric, AnsweredPoint, AnsweredSeries, MetricQuery } from './metric-query.ts';

/** The samples of one metric of a resource, or why they cannot be used. */
export function samplesOf(answer: AnsweredMetric, query: MetricQuery): readonly Sample[] | string {
  const samples: Sample[] = [];
  for (const series of answer.series) {
    const dimensions = dimensionsOf(series, query.split);
    if (typeof dimensions === 'string') return dimensions;
    const key = { resource: answer.resource, metric: answer.metric.toLowerCase(), dimensions };
    for (const point of series.points) {
      const time = instant(point.timeStamp.getTime());
      if (isGap(point) || time < query.from || time >= query.to) continue;
      const measured = measuredOf(point);
      if (typeof measured === 'string') return measured;
      samples.push({ series: key, time, grainMs: query.grainMs, ...measured });
    }
  }
  return samples;
}

/** Azure answers names of dimensions in a case of its own: they are spelt as they were asked for. */
function dimensionsOf(series: AnsweredSeries, split: readonly string[]): Dimensions | string {
  return dimensionsInOrder(
    series.dimensions.map(([name, value]) => {
      const asked = split.find((each) => each.toLowerCase() === name.toLowerCase());
      return [asked ?? name, value] as const;
    }),
  );
}

function isGap({ average, minimum, maximum, total, count }: AnsweredPoint): boolean {
  return [average, minimum, maximum, total, count].every(
    (value) => (value ?? undefined) === undefined,
  );
}

/** As a record of Azure's export is completed: an average alone is one measurement of that value. */
function measuredOf({ average, minimum, maximum, total, count }: AnsweredPoint) {
  return completeMeasurement({
    average: average ?? undefined,
    minimum: minimum ?? undefined,
    maximum: maximum ?? undefined,
    total: total ?? undefined,
    count: count ?? undefined,
  });
}
