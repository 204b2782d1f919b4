import { spread, type Millis } from '@headroom/core';
import type { Traffic } from '../traffic.ts';
import { modelAccount, translatorAccount, visionAccount } from './accounts.ts';
import type { ModelRequest } from './trace.ts';

/** The callers whom the demo's gateway knows: `nightly-job` goes wild, `you` is whoever looks on. */
export const demoCallers = ['app', 'batch', 'nightly-job', 'you'] as const;
export type DemoCaller = (typeof demoCallers)[number];

/** One of the streams of calls, and what to send. */
export interface DemoCall {
  readonly account: string;
  readonly caller: DemoCaller;
  readonly path: string;
  readonly body: string;
}

/** What became of the calls of one account in a second. */
export interface AnsweredCalls {
  served: number;
  /** Answered 429. */
  blocked: number;
  /** Not answered, or in another way. */
  failed: number;
}

/** Everything repeats with the traffic sample. */
const roundMs: Millis = 1_200_000;
const wild = { fromMs: 130_000, untilMs: 175_000, callsPerS: 30 };
const scarce = { fromMs: 80_000, untilMs: 115_000, callsPerS: 8 };
const usualCallsPerS = 60;

/** Calls a second that the backend of the demo serves of vision: for half a minute of each round it has hardly any left. */
export function backendCallsPerS(elapsedMs: Millis): number {
  const at = elapsedMs % roundMs;
  return at >= scarce.fromMs && at < scarce.untilMs ? scarce.callsPerS : usualCallsPerS;
}

/** The calls of the second that begins at `elapsedMs`, by the traffic, or those of models by a trace. */
export function callsOf(
  elapsedMs: Millis,
  traffic: Traffic,
  trace?: readonly ModelRequest[],
): readonly DemoCall[] {
  const second = Math.floor(elapsedMs / 1000);
  const at = elapsedMs % roundMs;
  const load = traffic(elapsedMs);
  const isWild = at >= wild.fromMs && at < wild.untilMs;
  const chat = trace === undefined ? made(load / 4, second) : ofSecond(trace, second);
  return shuffled([
    ...repeat<DemoCall>(load * 1.5, second, { ...vision, caller: 'app' }),
    ...repeat<DemoCall>(2, second, { ...translator, caller: 'app' }),
    ...repeat<DemoCall>(isWild ? wild.callsPerS : 0, second, {
      ...translator,
      caller: 'nightly-job',
    }),
    ...chat.map((request) => completion('chat', 'app', request)),
    ...made(0.2, second).map((request) => completion('batch', 'batch', request)),
  ]);
}

/** In one order, but none in which each stream's calls come together. */
function shuffled(calls: readonly DemoCall[]): readonly DemoCall[] {
  const order = (place: number) => spread(String(place));
  return calls
    .map((call, place) => ({ call, order: order(place) }))
    .sort((a, b) => a.order - b.order)
    .map(({ call }) => call);
}

const vision = { account: visionAccount.name, path: 'vision/v3.2/analyze', body: '{"url":"a"}' };
const translator = {
  account: translatorAccount.name,
  path: 'translator/text/v3.0/translate',
  body: '[{"Text":"Guten Tag"}]',
};

function completion(
  deployment: string,
  caller: DemoCaller,
  { promptTokens, answerTokens }: Omit<ModelRequest, 'second'>,
): DemoCall {
  const content = 'word'.repeat(promptTokens);
  const body = { messages: [{ role: 'user', content }], max_tokens: Math.max(1, answerTokens) };
  const path = `openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`;
  return { account: modelAccount.name, caller, path, body: JSON.stringify(body) };
}

function made(perS: number, second: number): readonly Omit<ModelRequest, 'second'>[] {
  return repeat(perS, second, { promptTokens: 700, answerTokens: 300 });
}

/** So many a second in the long run: a part of one comes with every so-manieth second. */
function repeat<T>(perS: number, second: number, one: T): readonly T[] {
  const count = Math.floor(perS * (second + 1)) - Math.floor(perS * second);
  return Array.from({ length: count }, () => one);
}

/** The trace begins anew when it has ended. */
function ofSecond(trace: readonly ModelRequest[], second: number): readonly ModelRequest[] {
  const length = (trace.at(-1)?.second ?? 0) + 1;
  const wanted = second % length;
  let from = 0;
  for (let to = trace.length; from < to;) {
    const middle = (from + to) >>> 1;
    if ((trace[middle]?.second ?? 0) < wanted) from = middle + 1;
    else to = middle;
  }
  const calls: ModelRequest[] = [];
  for (let call = trace[from]; call?.second === wanted; call = trace[++from]) calls.push(call);
  return calls;
}
