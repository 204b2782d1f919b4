import type { Instant, Override, TargetId } from '@headroom/core';
import type { SettingStore } from '@headroom/ports';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { changeOverrides, type Overridden } from './change-overrides.ts';

/** Settings that are written at the same time. */
const together = 16;

/**
 * `changeOverrides` for many targets. Ends at the first that cannot be written, and says which were and which were not:
 * the same command again does the rest.
 */
export async function changeEach(
  store: SettingStore,
  targets: readonly TargetId[],
  now: Instant,
  change: (running: readonly Override[]) => readonly Override[],
): Promise<readonly Overridden[]> {
  const done: Overridden[] = [];
  for (let begin = 0; begin < targets.length; begin += together) {
    const chunk = targets.slice(begin, begin + together);
    const settled = await Promise.allSettled(
      chunk.map((target) => changeOverrides(store, target, now, change)),
    );
    done.push(...settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    const failure = settled.find((one) => one.status === 'rejected');
    if (failure !== undefined) throw unfinished(failure.reason, done.length, targets.length);
  }
  return done;
}

function unfinished(reason: unknown, done: number, all: number): unknown {
  if (done === 0) return reason;
  return new CommandFailed(
    `${done} of ${all} settings were changed, then: ${messageOf(reason)}. Give the same command again for the rest.`,
    { cause: reason },
  );
}
