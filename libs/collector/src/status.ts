import { minuteMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { RefusedMetric } from '@headroom/ports';
import { lateMs } from './asks.ts';
import { callsPerMinuteOf, takenCalls } from './estimate.ts';
import type { Estimate } from './estimate.ts';
import type { Batch, Plan } from './plan.ts';
import type { Planner } from './planner.ts';
import type { Polling } from './poll.ts';

/** For `/health`. */
export interface CollectorStatus {
  readonly ready: boolean;
  /** What is wrong now, and what it means. */
  readonly problem?: string;
  /** Shares of the work that are this instance's. */
  readonly slots: number;
  /** Of its share. */
  readonly estimate?: Estimate;
  /** What the rounds take now: more than the estimate where batches are refused: each resource is a call then. */
  readonly roundCallsPerMinute: number;
  /** Calls since the start: of rounds, which the estimate tells of, and to catch up. */
  readonly roundCalls: number;
  readonly catchUpCalls: number;
  readonly published: number;
  /** How old the newest grain of the slowest batch is; absent while a batch has brought nothing yet. */
  readonly newestAgeMs?: Millis;
  /** Batches that brought nothing newer for so long that its metrics count as missing, or will. */
  readonly stale: readonly string[];
  readonly refused: readonly RefusedMetric[];
  readonly refusedCount: number;
  /** Resources that Azure names no region of: `refused` says why, where they cannot be asked for by themselves either. */
  readonly unplaced: readonly string[];
}

export interface StatusFacts {
  readonly polling: Polling;
  readonly planner: Pick<Planner, 'isKnown' | 'problem'>;
  readonly plan: Plan | undefined;
  readonly estimate: Estimate | undefined;
  readonly now: Instant;
}

/** A page of health has an end. */
const namedMax = 20;

export function statusOf({ polling, planner, plan, estimate, now }: StatusFacts): CollectorStatus {
  const { member, tally, refusals } = polling;
  const ages = (plan?.batches ?? []).map((batch) => ageOf(batch, polling, now));
  const known = ages.filter((age) => age !== undefined);
  const stale = (plan?.batches ?? []).filter((batch, at) => isStale(batch, ages[at]));
  const problem = planner.isKnown
    ? problemOf(polling, planner)
    : 'the store of settings has not answered yet';
  const newestAgeMs =
    ages.length > 0 && known.length === ages.length ? Math.max(...known) : undefined;
  return {
    ready: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    slots: member.held.size,
    ...(estimate === undefined ? {} : { estimate }),
    roundCallsPerMinute: callsPerMinuteOf(plan?.batches ?? [], takenCalls(tally)),
    ...{ roundCalls: tally.roundCalls, catchUpCalls: tally.catchUpCalls },
    published: tally.published,
    ...(newestAgeMs === undefined ? {} : { newestAgeMs }),
    stale: stale.map(placeOf).slice(0, namedMax),
    refused: refusals.all.slice(0, namedMax),
    refusedCount: refusals.all.length,
    unplaced: (plan?.unplaced ?? []).slice(0, namedMax),
  };
}

function ageOf(batch: Batch, { tally }: Polling, now: Instant): Millis | undefined {
  const newest = tally.newestOf(batch.reads.map(({ key }) => key));
  return newest === undefined ? undefined : now - newest;
}

/** What came of a batch once, and does not any more. */
function isStale({ grainMs }: Batch, ageMs: Millis | undefined): boolean {
  return ageMs !== undefined && ageMs > Math.max(5 * minuteMs, lateMs(grainMs) / 2);
}

function placeOf({ region, namespace, resources }: Batch): string {
  return `${resources.length} of ${namespace} in ${region}`;
}

function problemOf({ backOffs, publishing }: Polling, planner: Pick<Planner, 'problem'>) {
  if (publishing.problem !== undefined) {
    return `what Azure Monitor said is not published yet, and nothing more is asked: ${publishing.problem}`;
  }
  const away = [...backOffs].find(([, { problem }]) => problem !== undefined);
  if (away !== undefined) {
    const [region, { problem }] = away;
    return `metrics of ${region} are stale; what is missed will be asked for again: ${String(problem)}`;
  }
  return planner.problem;
}
