import { Bodies } from './evaluator-bodies.ts';
import { endOf, firstMinute, limitSetting, shortRules } from './evaluator-fleet.ts';
import type { FleetRules } from './evaluator-fleet.ts';
import { HeadroomSide } from './evaluator-side.ts';
import { atMost, round, times } from './figures.ts';
import type { Row } from './figures.ts';
import { Limit } from './limit.ts';
import { expectCount, usedBytes } from './rounds.ts';

const buckets = 60;

/** The short rules, the last of which looks back an hour: so an hour of samples is kept. */
const rules: FleetRules = [
  ...shortRules.slice(0, 3),
  { direction: 'in', minutes: 60, threshold: 15 },
];

/** What one setting takes with four rules and sixty minutes of its series, everything that names it included. */
export function evaluatorMemory(settings: number): Promise<readonly Row[]> {
  // Code and its caches come first: they are no setting's.
  exercise(makeHeadroom(100), makeLimit(100));
  const empty = usedBytes();
  const headroom = makeHeadroom(settings);
  const afterHeadroom = usedBytes();
  const limit = makeLimit(settings);
  const afterLimit = usedBytes();
  exercise(headroom, limit);
  const ours = (afterHeadroom - empty) / settings;
  const limits = (afterLimit - afterHeadroom) / settings;
  return Promise.resolve([
    atMost({
      what: "memory of a setting with 4 rules and 60 buckets, against the limit's",
      value: ours / limits,
      text: times,
      beside: `${round(ours, 0)} bytes; limit ${round(limits, 0)} bytes; ${settings} settings`,
      must: 3,
      aim: 2,
    }),
  ]);
}

const lastMinute = firstMinute + buckets + 1;

function makeHeadroom(settings: number): HeadroomSide {
  const side = new HeadroomSide(settings, rules, firstMinute);
  side.fill(firstMinute + 1, lastMinute, endOf(lastMinute));
  side.tick(endOf(lastMinute + 1));
  return side;
}

function makeLimit(settings: number): Limit {
  const limitSettings = Array.from({ length: settings }, (_, at) => limitSetting(at, rules));
  const limit = new Limit(limitSettings, buckets);
  const bodies = new Bodies(settings, (place) => place);
  for (let minute = firstMinute + 1; minute <= lastMinute; minute++) {
    bodies.moveTo(minute);
    for (const body of bodies.all) limit.ingest(body);
  }
  return limit;
}

/** Both are in use until the end, and whole. */
function exercise(headroom: HeadroomSide, limit: Limit): void {
  const before = headroom.fold.counts.evaluations;
  headroom.tick(endOf(lastMinute + 2));
  const evaluated = headroom.fold.counts.evaluations - before;
  expectCount('settings on both sides', evaluated, limit.rules.settings);
  expectCount('evaluations that failed', headroom.fold.counts.errors, 0);
}
