import { after } from '@headroom/core';
import { endOf, firstMinute } from './evaluator-fleet.ts';
import type { FleetRules } from './evaluator-fleet.ts';
import { HeadroomSide } from './evaluator-side.ts';
import { atMost, round, times } from './figures.ts';
import type { Row } from './figures.ts';
import { Takes, timed } from './rounds.ts';

const longMinutes = 720;
const warmUps = 5;
const measured = 15;

type Side = 'long' | 'short';

const ruleOver = (minutes: number): FleetRules => [{ direction: 'out', minutes, threshold: 70 }];

/** The same settings with one rule, over ten minutes and over twelve hours; both have all of their samples. */
export function evaluatorWindows(settings: number): Promise<readonly Row[]> {
  let minute = firstMinute + longMinutes + 1;
  const sides = { long: ruleOver(longMinutes), short: ruleOver(10) };
  const long = new HeadroomSide(settings, sides.long, firstMinute);
  const short = new HeadroomSide(settings, sides.short, firstMinute);
  long.fill(firstMinute + 1, minute, endOf(minute));
  short.fill(minute - 20, minute, endOf(minute));
  const takes = new Takes<Side>();
  for (let pass = -warmUps; pass < measured; pass++) {
    const into = pass < 0 ? new Takes<Side>() : takes;
    minute++;
    for (const [name, side] of [
      ['long', long],
      ['short', short],
    ] as const) {
      into.add(
        name,
        timed(() => side.tick(endOf(minute))),
      );
      side.confirmCapacities(after(endOf(minute), 200));
      side.fill(minute, minute, after(endOf(minute), 400));
    }
  }
  const rate = (side: Side) => `${round(settings / takes.ms(side), 0)}k settings/s`;
  return Promise.resolve([
    atMost({
      what: 'a 12-hour rule against a 10-minute rule, minutes of samples',
      value: takes.ms('long') / takes.ms('short'),
      text: times,
      beside: `12 hours ${rate('long')}; 10 minutes ${rate('short')}`,
      must: 2,
      aim: 1.2,
    }),
  ]);
}
