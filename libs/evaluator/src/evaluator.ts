import type { EvaluatorOptions, EvaluatorPorts } from './evaluator-ports.ts';
import { PartitionEvaluator } from './partition-evaluator.ts';
import { SettingsByPartition } from './settings-by-partition.ts';

/** What `/health` shows of the evaluator. */
export interface EvaluatorStatus {
  readonly partitions: readonly number[];
  readonly events: number;
  readonly samples: number;
  /** Samples from producers whose clock is ahead of the broker's. */
  readonly ahead: number;
  /** Samples that were not kept because their metric has too many series. */
  readonly refused: number;
  readonly evaluations: number;
  readonly errors: number;
  readonly published: number;
}

export interface Evaluator {
  /** Reads the log and decides until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  status(): EvaluatorStatus;
}

/** The evaluator stage: for each partition that this process owns, the fold, and the publishing of what it decides. */
export function createEvaluator(ports: EvaluatorPorts, options: EvaluatorOptions): Evaluator {
  const open = new Set<PartitionEvaluator>();
  return {
    async run(signal) {
      const { partitions } = await ports.signals.describe();
      using settings = new SettingsByPartition(ports.settings, partitions);
      await ports.feed.run(async (partition) => {
        const evaluator = await PartitionEvaluator.open(ports, options, partition, settings);
        open.add(evaluator);
        return {
          batch: (events) => evaluator.batch(events),
          close: async () => {
            open.delete(evaluator);
            await evaluator.close();
          },
        };
      }, signal);
    },
    status: () => statusOf([...open]),
  };
}

function statusOf(open: readonly PartitionEvaluator[]): EvaluatorStatus {
  const sum = (pick: (one: PartitionEvaluator) => number) =>
    open.reduce((total, one) => total + pick(one), 0);
  return {
    partitions: open.map((one) => one.partition).sort((a, b) => a - b),
    events: sum((one) => one.counts.events),
    samples: sum((one) => one.counts.samples),
    ahead: sum((one) => one.counts.ahead),
    refused: sum((one) => one.counts.refused),
    evaluations: sum((one) => one.counts.evaluations),
    errors: sum((one) => one.counts.errors),
    published: sum((one) => one.published),
  };
}
