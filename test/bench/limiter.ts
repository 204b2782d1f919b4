import { RateLimiterMemory } from 'rate-limiter-flexible';
import { defaultRateLimitPolicy, defaultRule, instant, targetId } from '@headroom/core';
import type { AiAccount, RateLimitPolicy, ThrottlingRule } from '@headroom/core';
import { Limiter, Renewals } from '@headroom/limiter';
import { MemoryShares } from '@headroom/memory';
import { atLeast, times } from './figures.ts';
import type { Row } from './figures.ts';
import { expectCount, Takes, timedAsync } from './rounds.ts';

const calls = 200_000;
const warmUps = 2;
const measured = 7;
const callers = 1_000;
/** Of model calls: what is reserved, and what comes back. */
const [reserved, used] = [1_000, 300];

type Side = 'headroom' | 'peer';

interface Work {
  readonly what: string;
  readonly tps: number;
  /** Calls of a round that are let in. */
  readonly passing: number;
  readonly headroom: (limiter: Limiter, call: number) => boolean;
  readonly peer: (peer: Peer, call: number) => Promise<boolean>;
}

const works: readonly Work[] = [
  {
    what: 'calls that are let in, and settled',
    tps: 1e9,
    passing: calls,
    headroom: (limiter, call) => letIn(limiter, call, {}),
    peer: ({ requests }, call) => consumed(requests, paths[call % paths.length]!, 1),
  },
  {
    what: 'calls that are blocked',
    tps: 0,
    passing: 0,
    headroom: (limiter, call) => letIn(limiter, call, {}),
    peer: ({ blocked }, call) => consumed(blocked, paths[call % paths.length]!, 1),
  },
  {
    what: 'calls of a model, with tokens reserved and given back; here also under a cap in money',
    tps: 1e9,
    passing: calls,
    headroom: (limiter, call) => {
      const tokens = { input: 100, output: reserved - 100 };
      return letIn(limiter, call, { deployment: 'gpt', tokens });
    },
    peer: async ({ requests, tokens }, call) => {
      if (!(await consumed(requests, paths[call % paths.length]!, 1))) return false;
      if (!(await consumed(tokens, 'gpt', reserved))) return false;
      await tokens.reward('gpt', reserved - used);
      return true;
    },
  },
];

/** `admit` and `settle` a second, beside rate-limiter-flexible in memory, by turns in one process. */
export async function limiter(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const work of works) rows.push(await compared(work));
  return rows;
}

async function compared(work: Work): Promise<Row> {
  const own = new Limiter({ holder: 'bench' });
  own.setAccount({ account, policy });
  const limits = rules.map(({ key }) => ({ key, tps: work.tps, commandId: 'c', claimedAt: now() }));
  own.setLimits({ account: account.id, limits });
  const renewals = new Renewals({ limiter: own, shares: new MemoryShares() });
  const peer = newPeer();
  const takes = new Takes<Side>();
  for (let round = -warmUps; round < measured; round++) {
    const into = round < 0 ? new Takes<Side>() : takes;
    await renewals.renew(now());
    into.add('headroom', await timedAsync(() => headroomRound(own, work)));
    own.drain(now());
    into.add('peer', await timedAsync(() => peerRound(peer, work)));
  }
  return rowOf(work, takes);
}

function headroomRound(own: Limiter, { what, headroom, passing }: Work): Promise<void> {
  let passed = 0;
  for (let call = 0; call < calls; call++) if (headroom(own, call)) passed++;
  expectCount(what, passed, passing);
  return Promise.resolve();
}

async function peerRound(side: Peer, { what, peer, passing }: Work): Promise<void> {
  let passed = 0;
  for (let call = 0; call < calls; call++) if (await peer(side, call)) passed++;
  expectCount(`${what}, the peer`, passed, passing);
}

function rowOf({ what }: Work, takes: Takes<Side>): Row {
  const perSecond = (side: Side) => calls / takes.ms(side);
  return atLeast({
    what: `limiter: ${what}`,
    value: takes.ms('peer') / takes.ms('headroom'),
    text: times,
    beside: `${thousands(perSecond('headroom'))}, rate-limiter-flexible ${thousands(perSecond('peer'))}`,
    must: 1,
    aim: 1.5,
  });
}

function thousands(perMs: number): string {
  return `${Math.round(perMs)}k/s`;
}

interface Model {
  readonly deployment?: string;
  readonly tokens?: { readonly input: number; readonly output: number };
}

function letIn(own: Limiter, call: number, model: Model): boolean {
  const path = paths[call % paths.length]!;
  const caller = callerNames[call % callers]!;
  const what = { account: account.id, method: 'POST', path, caller, ...model };
  const admission = own.admit(what, now());
  if (admission.kind === 'blocked') return false;
  const usage = { inputTokens: 100, outputTokens: used - 100 };
  admission.ticket.settle({ kind: 'served', usage, latencyMs: 20, statusCode: 200 }, now());
  return true;
}

async function consumed(peer: RateLimiterMemory, key: string, points: number): Promise<boolean> {
  try {
    await peer.consume(key, points);
    return true;
  } catch {
    return false;
  }
}

interface Peer {
  readonly requests: RateLimiterMemory;
  readonly blocked: RateLimiterMemory;
  readonly tokens: RateLimiterMemory;
}

function newPeer(): Peer {
  return {
    requests: new RateLimiterMemory({ points: 1e9, duration: 1 }),
    blocked: new RateLimiterMemory({ points: 0, duration: 1 }),
    tokens: new RateLimiterMemory({ points: 1e12, duration: 60 }),
  };
}

function now() {
  return instant(Date.now());
}

const paths = ['/vision/analyze', '/vision/read/analyze', '/vision/v3.2/ocr', '/other'];
const callerNames = Array.from({ length: callers }, (_, index) => `caller ${index}`);

/** Four rules, as an account of Azure Vision has. */
const rules: readonly ThrottlingRule[] = [
  ruleOf('read', 'vision/read/*'),
  ruleOf('vision', 'vision/*'),
  ruleOf('billing', 'billing/*'),
  ruleOf('default', '*'),
];

function ruleOf(key: string, path: string): ThrottlingRule {
  return { ...defaultRule, key, matchPatterns: [{ method: '*', path }] };
}

const account: AiAccount = {
  id: targetId('/subscriptions/s/resourcegroups/rg/providers/x/accounts/bench'),
  ...{ name: 'bench', kind: 'ComputerVision', sku: 'S1', dynamicThrottlingEnabled: true },
  ...{ capabilities: ['DynamicThrottling'], rules },
};

const perToken = { perInputTokenMicros: 0.15, perOutputTokenMicros: 0.6 };

const policy: RateLimitPolicy = {
  ...defaultRateLimitPolicy,
  spend: {
    currency: 'USD',
    caps: [{ of: 'account', per: 'hour', amountMicros: 1e15 }],
    prices: [{ key: '*', perCallMicros: 0, ...perToken }],
  },
  gateway: {
    ...{ whenAway: 'closed', callerShareMax: 1 },
    tokenLimits: [{ deployment: 'gpt', tokensPerMinute: 1e12 }],
  },
};
