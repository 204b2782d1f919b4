import type { TopicMessage } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { EvaluatorPorts } from './evaluator-ports.ts';

/** Tries before the partition is given back and opened again from its checkpoint. */
const publishTriesMax = 8;
const firstWaitMs = 100;
const mostWaitMs = 5_000;

/**
 * Publishes, and waits while the topic is away. A full or missing topic stops actions: no action without its record. The
 * error that ends it is a plain one, because the SDK's pump skips a batch whose handler throws a "retryable" error.
 */
export async function publishWithPatience(
  { topic, clock, log }: Pick<EvaluatorPorts, 'topic' | 'clock' | 'log'>,
  messages: readonly TopicMessage[],
  signal: AbortSignal,
): Promise<void> {
  let waitMs = firstWaitMs;
  for (let tried = 1; ; tried++) {
    try {
      await topic.publish(messages);
      return;
    } catch (error) {
      const giveUp = !(error instanceof DependencyUnavailable) || tried >= publishTriesMax;
      if (giveUp || signal.aborted)
        throw new Error('the topic did not take the decisions', { cause: error });
      log.warn('topic.unavailable', { tried, messages: messages.length, error });
      await clock.wait(waitMs, signal);
      waitMs = Math.min(waitMs * 2, mostWaitMs);
    }
  }
}
