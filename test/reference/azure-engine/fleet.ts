import { dayMs, minuteMs } from '../durations.ts';
import { Random } from '../random.ts';
import type { DemandShape } from './demand.ts';
import type { Place } from './fleet-place.ts';
import { placeOf } from './fleet-place.ts';
import { usualHabits } from './round.ts';
import type { ShapeOf } from './fleet-shapes.ts';
import { shapes } from './fleet-shapes.ts';
import type { Member, Recording, Span } from './run-setting.ts';
import { runSetting } from './run-setting.ts';

export interface FleetOptions {
  readonly seed: number;
  readonly settings: number;
  readonly days: number;
  /** The history ends at the last full minute before. */
  readonly now: number;
  /** Of these shapes only. */
  readonly only?: readonly string[];
}

/** Runs a fleet, one setting at a time, so that one at a time has to be held. */
export function* runFleet(options: FleetOptions): Generator<Recording> {
  const span = spanOf(options);
  for (const [index, member] of makeFleet(options).entries()) {
    yield runSetting(member, span, options.seed + index * 7_919);
  }
}

export function spanOf({ now, days }: FleetOptions): Span {
  const end = Math.floor(now / minuteMs) * minuteMs;
  return { begin: end - days * dayMs, minutes: (days * dayMs) / minuteMs };
}

/** The shapes by turns, each member with thresholds, load and mishaps of its own. */
function makeFleet(options: FleetOptions): readonly Member[] {
  const { seed, settings, only } = options;
  const { begin, minutes } = spanOf(options);
  const names = Object.keys(shapes).filter((name) => only?.includes(name) ?? true);
  return Array.from({ length: settings }, (_, index) => {
    const shape = names[index % names.length]!;
    const random = new Random(seed * 31 + index);
    const place = placeOf(index, shape);
    const of = shapes[shape]!({ place, random, begin, end: begin + minutes * minuteMs });
    const madeAfterMinutes = Math.floor(((of.madeAt ?? begin) - begin) / minuteMs);
    return { ...memberOf(shape, place, of, random), madeAfterMinutes };
  });
}

function memberOf(
  shape: string,
  place: Place,
  of: ShapeOf,
  random: Random,
): Omit<Member, 'madeAfterMinutes'> {
  const { profiles, meters, enabled = true, habits, failureChance = 0.01, former } = of;
  const first = profiles[0]!;
  const lagMs = random.int(60, 200) * 1_000;
  return {
    shape,
    setting: {
      id: place.setting,
      name: place.name,
      location: 'westeurope',
      properties: {
        name: place.name,
        enabled,
        targetResourceUri: place.deployment,
        profiles,
      },
    },
    ...(former === undefined ? {} : { former }),
    habits: { ...usualHabits, ...habits },
    roundMs: random.pick([34_000, 45_000, 56_000]),
    capacity: Number(first.capacity.default),
    demand: demandOf(random),
    meters,
    arrival: { lagMs, jitterMs: random.int(0, 40_000), lateSpellsPerDay: 1, failuresPerMonth: 3 },
    failureChance,
    manualPerMonth: random.chance(0.3) ? 6 : 0,
    manualMost: Number(first.capacity.maximum) + 3,
    outagesPerMonth: 6,
  };
}

function demandOf(random: Random): DemandShape {
  return {
    base: 0.5 + random.next(),
    daily: 1 + 3 * random.next(),
    peakHour: random.int(8, 20),
    weekend: 0.2 + 0.6 * random.next(),
    burstsPerDay: 2 + 5 * random.next(),
    burst: 0.5 + 3 * random.next(),
    noise: 0.03 + 0.05 * random.next(),
  };
}
