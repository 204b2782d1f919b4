import { instant, minuteMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { MetricRead } from '@headroom/ports';
import type { Batch } from './plan.ts';
import type { PolledRead } from './polled-reads.ts';
import type { ReadProgress } from './progress.ts';

/** One question to the source, and what it is for. */
export interface Ask {
  /** `round`: what each round asks for. `catchUp`: what is not published yet of the windows, or was missed. */
  readonly kind: 'round' | 'catchUp';
  readonly read: MetricRead;
  readonly wanted: readonly WantedSpan[];
}

/** The grains of one read that begin in [from, to). */
export interface WantedSpan {
  readonly read: PolledRead;
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * How long after its end a grain may still come or change: it is asked for again each minute as long. Azure's pages say within
 * three minutes, its users tell of more.
 */
export function lateMs(grainMs: Millis): Millis {
  return Math.max(Math.ceil((10 * minuteMs) / grainMs), 2) * grainMs;
}

/** Azure keeps platform metrics for 93 days. */
const keptMs = 93 * 24 * 60 * minuteMs;

/** Rounds that may be missed before what they missed is caught up with by itself. */
const roundsMissedMax = 5;

/** Where the newest grain that is over by `now` ends. */
export function endOf(grainMs: Millis, now: Instant): Instant {
  return instant(Math.floor(now / grainMs) * grainMs);
}

/** As far back as anybody looks at a read: its longest window, behind data as late as they may be. */
function horizonOf({ windowMs, grainMs }: PolledRead, to: Instant): Instant {
  const spanMs = Math.min(keptMs, windowMs + lateMs(grainMs));
  return instant(to - Math.ceil(spanMs / grainMs) * grainMs);
}

/**
 * What is to be asked of a batch now. Reads that are up to date go together, whatever few grains they differ by; those that are
 * new, or were away, go together in a question that reaches back further, so that the others' answers stay small.
 */
export function asksOf(
  batch: Batch,
  now: Instant,
  isRound: boolean,
  progressOf: (read: PolledRead) => ReadProgress | undefined,
): readonly Ask[] {
  const to = endOf(batch.grainMs, now);
  const current = to - lateMs(batch.grainMs) - roundsMissedMax * batch.intervalMs;
  const rounds: WantedSpan[] = [];
  const behind: WantedSpan[] = [];
  const earlier: WantedSpan[] = [];
  for (const read of batch.reads) {
    const horizon = horizonOf(read, to);
    const progress = progressOf(read);
    const from = progress === undefined || progress.settled < horizon ? horizon : progress.settled;
    (progress !== undefined && from >= current ? rounds : behind).push({ read, from, to });
    // Its window grew: what lies before was never asked for.
    if (progress !== undefined && horizon < progress.since && progress.settled > horizon) {
      earlier.push({ read, from: horizon, to: progress.since });
    }
  }
  return [
    ...(isRound ? askOf(batch, 'round', rounds) : []),
    ...askOf(batch, 'catchUp', behind),
    ...askOf(batch, 'catchUp', earlier),
  ];
}

function askOf(batch: Batch, kind: Ask['kind'], wanted: readonly WantedSpan[]): readonly Ask[] {
  if (wanted.length === 0) return [];
  const { subscription, region, namespace, split, grainMs } = batch;
  const asked = new Set(wanted.map(({ read }) => read.metric.toLowerCase()));
  const read = {
    ...{ subscription, region, namespace, split, grainMs },
    resources: [...new Set(wanted.map((one) => one.read.resource))],
    metrics: batch.metrics.filter((metric) => asked.has(metric.toLowerCase())),
    from: instant(Math.min(...wanted.map(({ from }) => from))),
    to: instant(Math.max(...wanted.map(({ to }) => to))),
  };
  return [{ kind, read, wanted }];
}
