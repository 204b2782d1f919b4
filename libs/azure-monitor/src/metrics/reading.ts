import type { Sample } from '@headroom/core';
import type { MetricAnswer, MetricRead, RefusedMetric } from '@headroom/ports';
import { askAlone, askTogether } from './batch-reading.ts';
import { both } from './found.ts';
import type { Asking, Found } from './found.ts';
import { allAggregations } from './metric-query.ts';
import type { AnsweredMetric, MetricQuery } from './metric-query.ts';
import { samplesOf } from './samples-of.ts';
import { topMax } from './series-seen.ts';
import type { SeriesSeen } from './series-seen.ts';
import { firstChunk, onGrid } from './time-chunks.ts';

/**
 * One read of the port, in as many calls as it takes:
 *
 *   by time          so that an answer holds no more points than it may
 *   by resource      where the batch is refused: see `askTogether`
 *   with more room   where as many series came as there was room for
 */
export class Reading {
  readonly #asking: Asking;
  readonly #seen: SeriesSeen;
  readonly #batch: MetricRead;
  /** Of one metric of one resource each. */
  readonly #samples: (readonly Sample[])[] = [];
  /** What is refused in one piece of time is told once, and not asked for in the next. */
  readonly #refused = new Map<string, RefusedMetric>();

  constructor(asking: Asking, seen: SeriesSeen, batch: MetricRead) {
    this.#asking = asking;
    this.#seen = seen;
    this.#batch = batch;
  }

  async answer(): Promise<MetricAnswer> {
    this.#recall();
    await this.#ask({ ...this.#batch, aggregations: allAggregations });
    // A metric that was cut in a later piece of time is not had at all.
    const had = this.#samples.filter(([first]) => {
      return first !== undefined && !this.#isRefused(first.series.resource, first.series.metric);
    });
    const samples = had.flat();
    return { samples, refused: [...this.#refused.values()], calls: this.#asking.patience.calls };
  }

  /** What Azure refused a few minutes ago. */
  #recall(): void {
    const { namespace, resources, metrics } = this.#batch;
    for (const resource of resources) {
      const whole = this.#asking.memory.whyNot(namespace, resource);
      if (whole !== undefined) this.#refuse({ resource, why: whole });
      for (const metric of metrics) {
        const why = this.#asking.memory.whyNot(namespace, resource, metric);
        if (why !== undefined) this.#refuse({ resource, metric, why });
      }
    }
  }

  /** Each piece of time with the room that the one before it needed: room for series is taken from the time of a call. */
  async #ask(query: Omit<MetricQuery, 'top'>, topAtLeast = 1): Promise<void> {
    for (let rest = onGrid(query); rest.from < rest.to;) {
      const top = Math.max(topAtLeast, this.#seen.topFor(query));
      const chunk = firstChunk({ ...rest, top });
      rest = { ...rest, from: chunk.to };
      const open = this.#open(chunk);
      const found = await this.#find(open);
      for (const refused of found.refused) this.#refuseAnew(refused);
      await this.#take(found.answers, open);
    }
  }

  #open(query: MetricQuery): MetricQuery {
    const resources = query.resources.filter((resource) =>
      query.metrics.some((metric) => !this.#isRefused(resource, metric)),
    );
    const metrics = query.metrics.filter((metric) =>
      resources.some((resource) => !this.#isRefused(resource, metric)),
    );
    return { ...query, resources, metrics };
  }

  async #find(query: MetricQuery): Promise<Found> {
    const { memory } = this.#asking;
    const isAlone = (id: string) => memory.isOutOfBatch(query.namespace, id);
    const alone = query.resources.filter(isAlone);
    const together = query.resources.filter((id) => !isAlone(id));
    const one = await askTogether(this.#asking, { ...query, resources: together });
    return both(one, await askAlone(this.#asking, { ...query, resources: alone }));
  }

  async #take(answers: readonly AnsweredMetric[], query: MetricQuery): Promise<void> {
    const found = new Map(answers.map((each) => [keyOf(each.resource, each.metric), each]));
    for (const resource of query.resources) {
      const own = query.metrics.map((metric) => found.get(keyOf(resource, metric)));
      const series = own.reduce((sum, answer) => sum + (answer?.series.length ?? 0), 0);
      const isFull = query.split.length > 0 && series >= query.top;
      for (const [index, metric] of query.metrics.entries()) {
        if (this.#isRefused(resource, metric)) continue;
        const answer = own[index];
        const why = answer === undefined ? leftOut : answer.error;
        if (answer === undefined || why !== undefined)
          this.#refuse({ resource, metric, why: why ?? '' });
        else if (isFull) await this.#askWithMoreRoom(resource, metric, query);
        else this.#takeMetric(answer, resource, metric, query);
      }
    }
  }

  /** Each metric by itself: of which of them series were cut off, Azure does not say. */
  async #askWithMoreRoom(resource: string, metric: string, query: MetricQuery): Promise<void> {
    if (query.top >= topMax && query.metrics.length === 1) {
      this.#refuse({ resource, metric, why: tooManySeries });
      return;
    }
    const one = { ...query, resources: [resource], metrics: [metric] };
    await this.#ask(one, Math.min(topMax, 5 * query.top));
  }

  #takeMetric(answer: AnsweredMetric, resource: string, metric: string, query: MetricQuery): void {
    this.#seen.saw(query, metric, answer.series.length);
    const samples = samplesOf(answer, query);
    if (typeof samples === 'string') this.#refuse({ resource, metric, why: samples });
    else this.#samples.push(samples);
  }

  #refuseAnew(refused: RefusedMetric): void {
    this.#asking.memory.refused(this.#batch.namespace, refused);
    this.#refuse(refused);
  }

  #refuse(refused: RefusedMetric): void {
    const key = keyOf(refused.resource, refused.metric);
    if (!this.#refused.has(key)) this.#refused.set(key, refused);
  }

  #isRefused(resource: string, metric: string): boolean {
    return this.#refused.has(keyOf(resource)) || this.#refused.has(keyOf(resource, metric));
  }
}

const leftOut = "Azure's answer leaves it out";
const tooManySeries = `it has ${topMax} series or more, of which Azure would give ${topMax}: filter by other dimensions`;

function keyOf(resource: string, metric = ''): string {
  return `${resource}\n${metric}`.toLowerCase();
}
