import { on } from 'node:events';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Policy } from '@headroom/core';
import { partOf } from '@headroom/runtime';
import { backtest } from '@headroom/scenario';
import type {
  BacktestFigures,
  BacktestOptions,
  SweepPoint,
  TargetHistory,
} from '@headroom/scenario';

/** Everything of a sweep that a thread is told. */
export interface SweepWork {
  readonly history: TargetHistory;
  readonly policy: Policy;
  readonly options: BacktestOptions;
  readonly points: readonly SweepPoint[];
}

/** One setting of a sweep, run. */
export interface SweptPoint extends SweepPoint {
  readonly figures: BacktestFigures;
}

export type SweepStep =
  | { readonly kind: 'run'; readonly point: SweptPoint }
  | { readonly kind: 'refused'; readonly why: string };

/** So many settings are not worth a thread, which takes a while to begin. */
const pointsOfThreadLeast = 8;
const threadsMost = 8;

/** In the order of the points; `refused` where one is. Every core takes its part of a large sweep. */
export async function runSweep(
  work: SweepWork,
  onPoint: (done: number) => void,
): Promise<readonly SweptPoint[] | { readonly refused: string }> {
  const most = Math.floor(work.points.length / pointsOfThreadLeast);
  const threads = Math.min(availableParallelism(), threadsMost, most);
  let done = 0;
  const parts = Array.from({ length: Math.max(1, threads) }, (_, part) => {
    const points = work.points.filter((_, place) => place % Math.max(1, threads) === part);
    const steps = threads > 1 ? inThread({ ...work, points }) : here({ ...work, points });
    return collected(steps, () => onPoint(++done));
  });
  const steps = await Promise.all(parts);
  const swept: SweptPoint[] = [];
  for (let place = 0; place < work.points.length; place++) {
    const step = steps[place % steps.length]?.[Math.floor(place / steps.length)];
    if (step?.kind === 'refused') return { refused: step.why };
    if (step !== undefined) swept.push(step.point);
  }
  return swept;
}

/** What one thread does, or this one. */
export function* sweepSteps({ history, policy, options, points }: SweepWork): Generator<SweepStep> {
  for (const point of points) {
    const result = backtest(history, { setting: point.setting, policy }, options);
    if (result.kind === 'refused') yield result;
    else yield { kind: 'run', point: { ...point, figures: result.run.figures } };
  }
}

async function* here(work: SweepWork): AsyncGenerator<SweepStep> {
  for (const step of sweepSteps(work)) {
    yield step;
    await setImmediate();
  }
}

async function* inThread(work: SweepWork): AsyncGenerator<SweepStep> {
  const { file, args } = partOf('sweep', () => new URL('./sweep-thread.ts', import.meta.url));
  const worker = new Worker(file, { workerData: work, argv: [...args] });
  try {
    const steps: AsyncIterable<unknown[]> = on(worker, 'message', { close: ['exit'] });
    for await (const [step] of steps) yield step as SweepStep;
  } finally {
    await worker.terminate();
  }
}

async function collected(
  steps: AsyncIterable<SweepStep>,
  onStep: () => void,
): Promise<readonly SweepStep[]> {
  const all: SweepStep[] = [];
  for await (const step of steps) {
    all.push(step);
    onStep();
  }
  return all;
}
