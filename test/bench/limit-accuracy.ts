import { minuteMs, secondMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { Ticket } from '@headroom/limiter';
import { Fleet, perSecond, policy } from '../limiter/fleet.ts';
import type { Gateway } from '../limiter/fleet.ts';
import { Random } from '../reference/random.ts';
import { round } from './figures.ts';
import type { Row } from './figures.ts';

const rates = [10, 100, 1000];
const instanceCounts = [1, 3];
const minutes = 5;
const stepMs = 5;
const seed = 7;
/** What comes of what is allowed. */
const demand = 2;
/** The same beside a limit of ten calls: then a second often brings less than the share of one of three. */
const scarce = 1.5;

/** One of the two kinds of limit, over a fleet: it asks at the rate and says what is in force. */
interface Work {
  readonly what: string;
  readonly within: number;
  readonly warmUpMs: Millis;
  readonly fleet: (rate: number) => Fleet;
  /** A minute's worth. */
  readonly limit: (rate: number) => number;
  readonly caller: () => Caller;
}

/** Answers what the call used, nothing where it was refused. */
interface Caller {
  call(gateway: Gateway, now: Instant): number;
  /** What one call asks for on average. */
  readonly asks: number;
}

const calls: Work = {
  ...{ what: 'calls', within: 0.01, warmUpMs: 15 * secondMs },
  fleet: (rate) => new Fleet([perSecond(rate)]),
  limit: (rate) => rate * 60,
  caller: () => ({ asks: 1, call: (gateway, now) => (gateway.passes(now) ? 1 : 0) }),
};

const tokens: Work = {
  ...{ what: 'tokens', within: 0.05, warmUpMs: 3 * minuteMs },
  fleet: (rate) => {
    const tokenLimits = [{ deployment: 'gpt', tokensPerMinute: tokensPerMinute(rate) }];
    return new Fleet([perSecond(1e6)], { gateway: { ...policy().gateway, tokenLimits } });
  },
  limit: tokensPerMinute,
  caller: () => new ModelCalls(),
};

const input = 50;
const outputMax = 250;
const usedMean = input + outputMax / 2;

function tokensPerMinute(rate: number): number {
  return rate * 60 * usedMean;
}

/** Calls of two seconds that reserve the most, and use anything up to it. */
class ModelCalls implements Caller {
  readonly asks = usedMean;
  readonly #random = new Random(seed);
  #under: { readonly ticket: Ticket; readonly endsAt: number; readonly output: number }[] = [];
  #ended = 0;

  call(gateway: Gateway, now: Instant): number {
    this.#settle(now);
    const model = { deployment: 'gpt', tokens: { input, output: outputMax } };
    const admission = gateway.call(now, model);
    if (admission.kind === 'blocked') return 0;
    const output = this.#random.int(0, outputMax);
    this.#under.push({ ticket: admission.ticket, endsAt: now + 2 * secondMs, output });
    return input + output;
  }

  #settle(now: Instant): void {
    for (; (this.#under[this.#ended]?.endsAt ?? Infinity) <= now; this.#ended++) {
      const { ticket, output } = this.#under[this.#ended]!;
      const usage = { inputTokens: input, outputTokens: output };
      ticket.settle({ kind: 'served', usage }, now);
    }
    if (this.#ended < 10_000) return;
    this.#under = this.#under.slice(this.#ended);
    this.#ended = 0;
  }
}

/** How much of a limit is given out in a minute, at virtual time, of calls that come at random. */
export async function limitAccuracy(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const work of [calls, tokens]) {
    for (const rate of rates) {
      for (const instances of instanceCounts)
        rows.push(await rowOf(work, { rate, instances, demand }));
    }
  }
  for (const instances of instanceCounts) {
    rows.push(await rowOf({ ...calls, within: Infinity }, { rate: 10, instances, demand: scarce }));
  }
  return rows;
}

interface Load {
  readonly rate: number;
  readonly instances: number;
  readonly demand: number;
}

async function rowOf(work: Work, load: Load): Promise<Row> {
  const { rate, instances } = load;
  const measured = await minutesOf(work, load);
  const limit = work.limit(rate);
  const off = (admitted: number) => admitted / limit - 1;
  const worst = measured.reduce((a, b) =>
    Math.abs(off(b.admitted)) > Math.abs(off(a.admitted)) ? b : a,
  );
  const where = instances === 1 ? 'one instance' : `${instances} instances`;
  return {
    what: `${work.what} of a limit of ${rate} calls/s over 60 s, ${load.demand} times as many come, ${where}`,
    measured: `${off(worst.admitted) < 0 ? '' : '+'}${round(off(worst.admitted) * 100)} %`,
    beside: ` (worst of ${minutes} min: asked ${worst.asked}, admitted ${worst.admitted}, limit ${limit})`,
    must: work.within === Infinity ? 'none' : `within ${work.within * 100} %`,
    reached: Math.abs(worst.admitted - limit) <= work.within * limit,
  };
}

interface Minute {
  asked: number;
  admitted: number;
}

async function minutesOf(work: Work, load: Load): Promise<readonly Minute[]> {
  const { rate, instances, demand: times } = load;
  const fleet = await work.fleet(rate).start(instances);
  const caller = work.caller();
  const random = new Random(seed);
  const perStep = (rate * times * stepMs) / secondMs;
  let [turn, next] = [0, 0];
  let minute: Minute = { asked: 0, admitted: 0 };
  const flood = (now: Instant) => {
    for (next -= perStep; next <= 0; next -= Math.log(1 - random.next())) {
      minute.asked += caller.asks;
      minute.admitted += caller.call(fleet.gateways[turn++ % instances]!, now);
    }
  };
  await fleet.run(work.warmUpMs, flood, stepMs);
  const measured: Minute[] = [];
  for (let count = 0; count < minutes; count++) {
    minute = { asked: 0, admitted: 0 };
    await fleet.run(minuteMs, flood, stepMs);
    measured.push(minute);
  }
  return measured;
}
