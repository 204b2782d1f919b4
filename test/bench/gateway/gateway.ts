import { Agent, request } from 'undici';
import { atMost, millis, percentile, round, times } from '../figures.ts';
import type { Row } from '../figures.ts';
import { benchKey, sideNames, startSides } from './sides.ts';
import type { Side, SideName, Sides } from './sides.ts';

/** Rounds go through the sides in turn, so that what else the machine does is in all of them. */
const rounds = 5;
const callsPerRound = 400;
const streamsPerRound = 30;
const loadedCalls = 4_000;
const loadedAtOnce = 16;

const body = JSON.stringify({ url: 'https://example.com/image.png', features: 'x'.repeat(400) });
const headers = { 'api-key': benchKey, 'content-type': 'application/json' };

type BySide<T> = Readonly<Record<SideName, T>>;

/**
 * What the gateway adds to a call, and what it costs, beside a bare proxy on undici and one that asks
 * `rate-limiter-flexible`, before the same backend in the same run.
 */
export async function gateway(): Promise<readonly Row[]> {
  await using opened = new AsyncDisposableStack();
  const sides = await startSides(opened);
  const agent = new Agent({ connections: loadedAtOnce });
  opened.defer(() => agent.close());
  const bench = new GatewayBench(sides, agent);
  await bench.latencies(callsPerRound, () => undefined);
  const latencies = await bench.rounds((into) => bench.latencies(callsPerRound, into));
  const firsts = await bench.rounds((into) => bench.firstEvents(streamsPerRound, into));
  const cpu = await bench.cpuMicros();
  return rowsOf(latencies, firsts, cpu);
}

class GatewayBench {
  readonly #sides: Sides;
  readonly #agent: Agent;

  constructor(sides: Sides, agent: Agent) {
    this.#sides = sides;
    this.#agent = agent;
  }

  async rounds(
    round: (into: (side: SideName, ms: number) => void) => Promise<void>,
  ): Promise<BySide<number[]>> {
    const found: BySide<number[]> = { direct: [], bare: [], limited: [], gateway: [] };
    for (let done = 0; done < rounds; done++) await round((side, ms) => found[side].push(ms));
    return found;
  }

  /** Milliseconds of whole calls, one after the other. */
  async latencies(calls: number, into: (side: SideName, ms: number) => void): Promise<void> {
    for (const name of sideNames) {
      for (let call = 0; call < calls; call++) {
        const beganAt = performance.now();
        await this.#call(this.#sides[name]);
        into(name, performance.now() - beganAt);
      }
    }
  }

  /** Milliseconds until the first event of a stream is there. */
  async firstEvents(calls: number, into: (side: SideName, ms: number) => void): Promise<void> {
    for (const name of sideNames) {
      for (let call = 0; call < calls; call++) {
        const beganAt = performance.now();
        const answer = await this.#ask(this.#sides[name], '/stream');
        const events = answer[Symbol.asyncIterator]();
        await events.next();
        into(name, performance.now() - beganAt);
        while ((await events.next()).done !== true);
      }
    }
  }

  /** Microseconds of the proxy's CPU a call, under load: the best of three, for other work only adds. */
  async cpuMicros(): Promise<Omit<BySide<number>, 'direct'>> {
    const found = { bare: Infinity, limited: Infinity, gateway: Infinity };
    for (let turn = 0; turn < 3; turn++) {
      for (const name of ['bare', 'limited', 'gateway'] as const) {
        const { process } = this.#sides[name];
        const before = process?.cpuSeconds() ?? NaN;
        await this.#load(this.#sides[name]);
        const seconds = (process?.cpuSeconds() ?? NaN) - before;
        found[name] = Math.min(found[name], (seconds * 1e6) / loadedCalls);
      }
    }
    return found;
  }

  async #load(side: Side): Promise<void> {
    let left = loadedCalls;
    const caller = async () => {
      while (left-- > 0) await this.#call(side);
    };
    await Promise.all(Array.from({ length: loadedAtOnce }, caller));
  }

  async #call(side: Side): Promise<void> {
    const answer = await this.#ask(side, '/read/analyze');
    await answer.dump();
  }

  async #ask({ url }: Side, path: string) {
    const options = { method: 'POST', headers, body, dispatcher: this.#agent } as const;
    const answer = await request(url + path, options);
    if (answer.statusCode !== 200) throw new Error(`${url}${path} answered ${answer.statusCode}`);
    return answer.body;
  }
}

function rowsOf(
  latencies: BySide<number[]>,
  firsts: BySide<number[]>,
  cpu: Omit<BySide<number>, 'direct'>,
): readonly Row[] {
  const added = (of: BySide<number[]>, share: number) => {
    const direct = percentile(of.direct, share);
    const of_ = (side: SideName) => percentile(of[side], share) - direct;
    const beside = `bare undici ${millis2(of_('bare'))}, with rate-limiter-flexible ${millis2(of_('limited'))}, the call itself ${millis2(direct)}`;
    return { value: of_('gateway'), beside };
  };
  const micros = (value: number) => `${round(value, 0)} us`;
  return [
    atMost({
      what: 'added latency p50',
      text: millis2,
      must: 1,
      aim: 0.5,
      ...added(latencies, 0.5),
    }),
    atMost({
      what: 'added latency p99',
      text: millis,
      must: 10,
      aim: 3,
      ...added(latencies, 0.99),
    }),
    atMost({
      what: 'added time to first event p50',
      text: millis2,
      must: 1,
      aim: 0.5,
      ...added(firsts, 0.5),
    }),
    atMost({
      what: 'CPU a call against bare proxying on undici',
      value: cpu.gateway / cpu.bare,
      text: times,
      beside: `gateway ${micros(cpu.gateway)}, bare ${micros(cpu.bare)}, with rate-limiter-flexible ${micros(cpu.limited)}`,
      must: 2,
      aim: 1.3,
    }),
  ];
}

function millis2(value: number): string {
  return `${round(value)} ms`;
}
