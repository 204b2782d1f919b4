import { basename } from 'node:path';
import { secondMs } from '@headroom/core';
import { readTrace, TokenWindow } from '@headroom/demo';
import type { ModelRequest } from '@headroom/demo';
import { Random } from '../../reference/random.ts';
import { VirtualSubscription } from '../../ratelimit/virtual-subscription.ts';
import type { Use } from '../../ratelimit/virtual-subscription.ts';
import { atMost, times } from '../figures.ts';
import type { Row } from '../figures.ts';
import { sampleRequests } from './requests.ts';

/** Two products share the quota; for so long most calls are one's, then the other's. */
const shiftSeconds = 1200;
const busyShare = 0.9;
/** What ARM takes to change a capacity, with the messages on the way. */
const scaleMs = 15 * secondMs;
const seed = 7;

/** Calls throttled under a quota that is split once and for all, and under one that the mover splits. */
export async function quotaMoverBench(trace: string | undefined): Promise<readonly Row[]> {
  const requests = trace === undefined ? await sampleRequests(seed) : await readTrace(trace);
  const calls = shared(requests);
  const quota = quotaFor(calls);
  const half = Math.floor(quota / 2);
  const pooled = play(
    calls.map((call) => ({ ...call, of: 'a' })),
    { a: quota, b: 0 },
  );
  const fixed = play(calls, { a: half, b: quota - half });
  const subscription = new VirtualSubscription({ a: half, b: quota - half }, { quota, scaleMs });
  const moved = play(calls, subscription);
  const moves = subscription.actions.length;
  const of = trace === undefined ? 'the bundled sample' : basename(trace);
  return [
    atMost({
      what: `calls throttled with quota moved, against a static split, ${of}`,
      value: moved / fixed,
      text: times,
      beside: `${moved} and ${fixed} of ${requests.length} calls (${pooled} if all had one quota), quota ${quota}k TPM, ${moves} changes`,
      must: 0.5,
      aim: 0.25,
    }),
  ];
}

type Deployment = 'a' | 'b';

interface Call {
  readonly second: number;
  readonly tokens: number;
  readonly of: Deployment;
}

function shared(requests: readonly ModelRequest[]): readonly Call[] {
  const random = new Random(seed);
  return requests.map((request) => {
    const isFirst = Math.floor(request.second / shiftSeconds) % 2 === 0;
    const of = random.chance(busyShare) === isFirst ? 'a' : 'b';
    return { second: request.second, tokens: tokensOf(request), of };
  });
}

function tokensOf({ promptTokens, answerTokens }: ModelRequest): number {
  return promptTokens + answerTokens;
}

/** What the busiest minute of both together needs, in thousands of tokens: enough for both, not for either with half of it. */
function quotaFor(calls: readonly Call[]): number {
  const minutes = new Map<number, number>();
  for (const { second, tokens } of calls) {
    const minute = Math.floor(second / 60);
    minutes.set(minute, (minutes.get(minute) ?? 0) + tokens);
  }
  return Math.ceil(Math.max(...minutes.values()) / 1000);
}

/** Lets the calls come; answers how many were throttled. Capacities are fixed, or those of a subscription that hears of them. */
function play(
  calls: readonly Call[],
  capacities: Readonly<Record<Deployment, number>> | VirtualSubscription,
): number {
  const subscription = capacities instanceof VirtualSubscription ? capacities : undefined;
  const capacityOf = (name: Deployment): number =>
    capacities instanceof VirtualSubscription ? (capacities.capacity(name) ?? 0) : capacities[name];
  const windows = { a: new TokenWindow(), b: new TokenWindow() };
  let throttled = 0;
  let next = 0;
  for (let second = 0; next < calls.length; second++) {
    const use = { a: { ...none }, b: { ...none } };
    for (let call = calls[next]; call?.second === second; call = calls[++next]) {
      const told = use[call.of];
      if (windows[call.of].take(second, call.tokens, capacityOf(call.of) * 1000)) {
        told.served++;
        told.tokens += call.tokens;
      } else {
        told.throttled++;
        throttled++;
      }
    }
    subscription?.run(1, use);
  }
  return throttled;
}

const none = { tokens: 0, served: 0, throttled: 0 } satisfies Use;
