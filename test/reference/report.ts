import type { LogEvent, TargetId } from '@headroom/core';
import { Disagreed, Duel } from './duel.ts';
import type { LogMessage } from './duel.ts';
import { shrink } from './shrink.ts';

/** What a person needs to find out who is wrong: the shortest log that shows it, and how to run it again. */
export function reportOf(
  messages: readonly LogMessage[],
  target: TargetId,
  seed: number,
  found: Disagreed,
): string {
  const isSame = (other: Disagreed | undefined) =>
    other?.disagreement.differences[0]?.what === found.disagreement.differences[0]?.what;
  const shortest = shrink(messages, (log) => isSame(disagreementOf(log, target)));
  const small = disagreementOf(shortest, target) ?? found;
  return [
    `seed ${seed}: ${found.message}`,
    `run it again: node test/reference/main.ts --seed ${seed} --runs 1`,
    `in the shortest log that shows a disagreement: ${small.message}`,
    ...shortest.flatMap(({ sequence, enqueuedAt, events }) =>
      events.map((event) => `${sequence} ${new Date(enqueuedAt).toISOString()} ${textOf(event)}`),
    ),
  ].join('\n');
}

function disagreementOf(log: readonly LogMessage[], target: TargetId): Disagreed | undefined {
  const duel = new Duel(target);
  try {
    for (const message of log) duel.meet(message);
  } catch (error) {
    if (error instanceof Disagreed) return error;
    throw error;
  }
  return undefined;
}

function textOf(event: LogEvent): string {
  if (event.kind !== 'frame') return JSON.stringify(event);
  const samples = event.samples.map(({ sample, position }) => {
    const { series, time, grainMs, count, total } = sample;
    const name = [series.metric, ...series.dimensions.map((pair) => pair.join('='))].join(' ');
    const begin = new Date(time).toISOString();
    return `${position.sequence}.${position.index} ${name} ${begin} +${grainMs} ms: ${count} of ${total}`;
  });
  return `frame ${event.path} ${samples.join(', ')}`;
}
