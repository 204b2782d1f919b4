import { textOf } from './check/violation.ts';
import type { KillRun } from './kill-run.ts';

/** The figures of a run: how much was acknowledged, how much had no answer. */
export function reportOf({ recording, restartMs }: KillRun, tookMs: number): string {
  const { events, bus, registers, kills } = recording;
  const eventsOf = (outcome: string): number =>
    events.sent.filter((batch) => batch.outcome === outcome).reduce((n, { count }) => n + count, 0);
  const stepsOf = (kind: string, outcome?: string): number =>
    bus.filter((step) => {
      if (step.kind !== kind) return false;
      return outcome === undefined || ('outcome' in step && step.outcome === outcome);
    }).length;
  const writes = [...registers.values()].flat().filter((step) => step.kind === 'wrote');
  const writesOf = (outcome: string): number => writes.filter((w) => w.outcome === outcome).length;
  const sorted = [...restartMs].sort((a, b) => a - b);
  const [median = NaN, slowest = NaN] = [sorted[sorted.length >> 1], sorted.at(-1)];
  return [
    `${kills} kills in ${Math.round(tookMs / 1000)} s; ready again after ${Math.round(median)} ms at the median, ${Math.round(slowest)} ms at most`,
    `events: ${eventsOf('acknowledged')} acknowledged, ${eventsOf('unknown')} without an answer, ${events.log.length} in the log`,
    `messages: ${stepsOf('sent', 'acknowledged')} sends acknowledged, ${stepsOf('delivered')} deliveries, ${stepsOf('settled', 'acknowledged')} settlements acknowledged (${stepsOf('settled', 'unknown')} without an answer), ${stepsOf('cancelled', 'acknowledged')} schedules cancelled, ${stepsOf('dead')} dead letters`,
    `writes: ${writesOf('acknowledged')} acknowledged, ${writesOf('unknown')} without an answer, to ${registers.size} documents, batches, checkpoints and deployments`,
  ].join('\n');
}

/** Every broken promise, and all that was seen of the first messages that broke one. */
export function violationLines({ violations, recording }: KillRun): readonly string[] {
  const ids = violations.flatMap(({ where }) => /^message (\S+)/.exec(where)?.[1] ?? []);
  const seen = recording.bus.filter((step) => ids.slice(0, 5).includes(step.id));
  return [
    ...violations.slice(0, 50).map((violation) => `BROKEN  ${textOf(violation)}`),
    ...seen.map((step) => JSON.stringify(step)),
  ];
}
