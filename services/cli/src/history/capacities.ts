import { after, minuteMs } from '@headroom/core';
import type { Instant, Sample } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import type { CapacityChangeAt } from '@headroom/scenario';

/** One of Azure's actions, from its begin to its end. */
interface Action {
  readonly begin: Instant;
  /** The begin where no end is on record. */
  readonly end: Instant;
  readonly from: number | undefined;
  readonly to: number;
}

/**
 * The instances in force, from what is on record of them. Events win: they say to the second when an action had ended. Observed
 * Capacity, which is what the engine read in a minute, fills what they lack: the begin, and counts that others set.
 * `since`: where the record begins.
 */
export function capacitiesOf(
  events: readonly AutoscaleEvent[],
  observed: readonly Sample[],
  since: Instant,
): readonly CapacityChangeAt[] {
  const actions = actionsOf(events);
  const ends = actions.map(({ end, to }) => ({ at: end, instances: to }));
  const seen = observed.flatMap((sample) => changeOf(sample, actions));
  const all = [...beginOf(actions, seen, since), ...seen, ...ends].toSorted((a, b) => a.at - b.at);
  const changes = all.filter(({ at }, index) => all[index + 1]?.at !== at);
  return changes.filter(({ instances }, index) => changes[index - 1]?.instances !== instances);
}

function actionsOf(events: readonly AutoscaleEvent[]): readonly Action[] {
  const ended = new Map<string, Instant>(
    events.flatMap(({ kind, correlationId, at, to }) => {
      return kind === 'ScaleSucceeded' ? [[`${correlationId}\n${to}`, at] as const] : [];
    }),
  );
  const failed = new Set(
    events.filter(({ kind }) => kind === 'ScaleFailed').map((event) => event.correlationId),
  );
  return events.flatMap(({ kind, at, from, to, correlationId }) => {
    if (kind !== 'ScaleStarted' || to === undefined || failed.has(correlationId)) return [];
    const end = ended.get(`${correlationId}\n${to}`) ?? ended.get(`${correlationId}\n`) ?? at;
    return [{ begin: at, end, from, to }];
  });
}

/** While an action runs, and in the minute of its end, the engine may have read either count. */
function changeOf(sample: Sample, actions: readonly Action[]): readonly CapacityChangeAt[] {
  const { time, minimum, maximum } = sample;
  const isUnsure = actions.some(
    ({ begin, end }) => time > begin - minuteMs && time <= after(end, minuteMs),
  );
  if (isUnsure || minimum !== maximum || !Number.isInteger(minimum)) return [];
  return [{ at: time, instances: minimum }];
}

/** Before the first action: what it began from, since nobody is known to have changed it. */
function beginOf(
  [first]: readonly Action[],
  [seen]: readonly CapacityChangeAt[],
  since: Instant,
): readonly CapacityChangeAt[] {
  if (first?.from === undefined) return [];
  if (seen !== undefined && seen.at <= first.begin) return [];
  return [{ at: since, instances: first.from }];
}
