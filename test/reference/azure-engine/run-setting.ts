import { minuteMs } from '../durations.ts';
import { Random } from '../random.ts';
import type { ActivityEntry } from './activity.ts';
import type { ArmSetting } from './arm-setting.ts';
import type { ArrivalShape } from './arrival.ts';
import { Arrival } from './arrival.ts';
import type { Action, FormerSetting } from './autoscale-engine.ts';
import { AutoscaleEngine } from './autoscale-engine.ts';
import type { DemandShape } from './demand.ts';
import { Demand } from './demand.ts';
import { MetricDatabase } from './metric-database.ts';
import type { Habits } from './round.ts';
import type { ManualChange } from './scaled-target.ts';
import { ScaledTarget } from './scaled-target.ts';
import type { Meter } from './workload.ts';
import { Workload } from './workload.ts';

/** A setting of the fleet, with what it is set over and what befalls it. */
export interface Member {
  readonly shape: string;
  readonly setting: ArmSetting;
  readonly former?: FormerSetting;
  /** The target was made so long after the beginning: until then there is nothing of it. */
  readonly madeAfterMinutes: number;
  readonly habits: Habits;
  readonly roundMs: number;
  readonly capacity: number;
  readonly demand: DemandShape;
  readonly meters: readonly Meter[];
  readonly arrival: ArrivalShape;
  readonly failureChance: number;
  /** A person sets a count between 0 and this one. */
  readonly manualPerMonth: number;
  readonly manualMost: number;
  /** Times in which nothing is measured. */
  readonly outagesPerMonth: number;
}

export interface Span {
  /** A full minute. */
  readonly begin: number;
  readonly minutes: number;
}

/** What Azure has on record afterwards, and what only the engine knows. */
export interface Recording {
  readonly member: Member;
  readonly database: MetricDatabase;
  readonly activity: readonly ActivityEntry[];
  readonly actions: readonly Action[];
  /** Instances in force from each instant on. */
  readonly capacities: readonly { readonly at: number; readonly instances: number }[];
}

/**
 * Lets demand, target and engine run together, minute by minute: what the engine does changes what it reads. Everything
 * random comes from the seed, in a sequence of its own for each part, so that one part does not disturb the others.
 */
export function runSetting(member: Member, span: Span, seed: number): Recording {
  const { begin, minutes } = span;
  const random = (part: number): Random => new Random(Math.imul(seed, 0x9e3779b1) + part);
  const database = new MetricDatabase(begin, minutes);
  const { capacity, failureChance, setting, former, habits, roundMs, madeAfterMinutes } = member;
  const manual = manualChanges(member, span, random(1));
  const target = new ScaledTarget(random(2), { capacity, failureChance, manual });
  const rounds = random(3);
  const engine = new AutoscaleEngine({
    ...{ setting, database, target, habits, roundMs },
    ...(former === undefined ? {} : { former }),
    random: rounds,
  });
  const demand = new Demand(random(4), member.demand, begin);
  const workload = new Workload(random(5), database, member.meters);
  const isSilent = silence(member, span, random(6));
  const resources = new Set(member.meters.map(({ name }) => name.resource));
  const arrivals = [...resources].map((resource, index) => {
    return new Arrival(random(7 + index), database, resource, member.arrival);
  });
  const madeAt = begin + madeAfterMinutes * minuteMs;
  let next = madeAt + rounds.int(0, roundMs);
  for (let minute = madeAfterMinutes; minute < minutes; minute++) {
    const end = database.endOf(minute);
    while (next < end) next = engine.round(next);
    engine.settle(end);
    workload.pass(minute, demand.at(minute), target.capacity, isSilent(minute));
    for (const arrival of arrivals) arrival.pass(minute);
  }
  const capacities = [{ at: madeAt, instances: capacity }, ...target.changes];
  return { member, database, activity: engine.activity, actions: engine.actions, capacities };
}

/** At random times, mostly within bounds and sometimes not. */
function manualChanges(
  { manualPerMonth, manualMost }: Member,
  { begin, minutes }: Span,
  random: Random,
): readonly ManualChange[] {
  const chance = manualPerMonth / (30 * 1_440);
  const changes: ManualChange[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    if (!random.chance(chance)) continue;
    const at = begin + minute * minuteMs + random.int(0, 59_999);
    changes.push({ at, to: random.int(1, manualMost) });
  }
  return changes;
}

/** Minutes in which nothing is measured: from single ones to half an hour. */
function silence(
  { outagesPerMonth }: Member,
  { minutes }: Span,
  random: Random,
): (minute: number) => boolean {
  const silent = new Set<number>();
  for (let minute = 0; minute < minutes; minute++) {
    if (!random.chance(outagesPerMonth / (30 * 1_440))) continue;
    const length = random.chance(0.5) ? 1 : random.int(2, 30);
    for (let each = 0; each < length; each++) silent.add(minute + each);
  }
  return (minute) => silent.has(minute);
}
