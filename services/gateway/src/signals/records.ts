import { limitDimensions, limitMetrics } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { AccountTally, DeploymentTally, KeyTally } from '@headroom/limiter';
import type { MetricRecord } from '@headroom/wire';

/** What a tally is of: a span of time at one instance. */
export interface TallySpan {
  readonly time: Instant;
  readonly grainMs: Millis;
  /** Series of two instances are two: neither replaces the other's. */
  readonly instance: string;
}

/** An account's tally under Azure's names. What did not happen has no record; a limit always has one. */
export function metricRecords(tally: AccountTally, span: TallySpan): MetricRecord[] {
  const measured = measuredOf(tally, span);
  const spend = { minimum: tally.spendMicros, maximum: tally.spendMicros };
  return [
    ...tally.keys.flatMap((key) => keyRecords(key, measured)),
    ...tally.callers.flatMap(({ caller, calls }) =>
      measured(limitMetrics.callerCalls, counted(calls), { [limitDimensions.caller]: caller }),
    ),
    ...measured(limitMetrics.spend, {
      ...spend,
      count: tally.spendMicros > 0 ? 1 : 0,
      total: tally.spendMicros,
    }),
    ...tally.deployments.flatMap((deployment) => deploymentRecords(deployment, measured)),
  ];
}

type Amounts = Pick<MetricRecord, 'count' | 'total' | 'minimum' | 'maximum'>;
type Measured = (
  metric: string,
  amounts: Amounts,
  dimensions?: Readonly<Record<string, string>>,
) => readonly MetricRecord[];

/** A record, or none where nothing was measured. */
function measuredOf({ account }: AccountTally, { instance, ...when }: TallySpan): Measured {
  return (metric, amounts, dimensions = {}) =>
    amounts.count === 0
      ? []
      : [
          {
            ...{ resource: account, metric, ...when, ...amounts },
            dimensions: { ...dimensions, [limitDimensions.instance]: instance },
          },
        ];
}

/** So many calls, each of which is one, as Azure counts them. */
function counted(calls: number): Amounts {
  return { count: calls, total: calls, minimum: 1, maximum: 1 };
}

function keyRecords(tally: KeyTally, measured: Measured): MetricRecord[] {
  const of = { [limitDimensions.key]: tally.key };
  const limit = {
    count: 1,
    total: tally.limitTps,
    minimum: tally.limitTps,
    maximum: tally.limitTps,
  };
  const { latency } = tally;
  return [
    ...measured(limitMetrics.totalCalls, counted(tally.total), of),
    ...measured(limitMetrics.successfulCalls, counted(tally.successful), of),
    ...Object.entries(tally.blocked).flatMap(([by, calls]) =>
      measured(limitMetrics.blockedCalls, counted(calls), {
        ...of,
        [limitDimensions.blockedBy]: by,
      }),
    ),
    ...measured(limitMetrics.ratelimit, limit, of),
    ...(latency === undefined
      ? []
      : measured(
          limitMetrics.latency,
          {
            count: latency.count,
            total: latency.sumMs,
            minimum: latency.minMs,
            maximum: latency.maxMs,
          },
          of,
        )),
  ];
}

function deploymentRecords(tally: DeploymentTally, measured: Measured): MetricRecord[] {
  const of = { [limitDimensions.deployment]: tally.deployment };
  const total = tally.inputTokens + tally.outputTokens;
  const tokens = { count: total > 0 ? 1 : 0, total, minimum: total, maximum: total };
  return [
    ...measured(limitMetrics.tokens, tokens, of),
    ...[...tally.requests].flatMap(([status, calls]) =>
      measured(limitMetrics.modelRequests, counted(calls), {
        ...of,
        [limitDimensions.statusCode]: String(status),
      }),
    ),
  ];
}
