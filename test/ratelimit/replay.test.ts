import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { after, defaultRule, explain, instant, minuteMs } from '@headroom/core';
import type { Decision, Override, SettingContent, TopicMessage } from '@headroom/core';
import { MemoryAudit, MemoryTopic, VirtualClock } from '@headroom/memory';
import { createRecorder } from '@headroom/recorder';
import { replay } from '@headroom/scenario';
import { decodeTopicMessage, encodeTopicMessage } from '@headroom/wire';
import { account, begin, VirtualGateway } from './virtual-gateway.ts';
import { poolId, VirtualSubscription } from './virtual-subscription.ts';

// A decision on a limit is made again from the audit log alone: what was seen of the limit is on record with it, and the
// version of the account is found under the account.

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const flood = { perSecond: 1500 };

interface Made {
  readonly decision: Decision;
  readonly content: SettingContent | undefined;
}

/** What the audit log keeps of the messages, through their bytes. */
async function recorded({ messages }: Pick<VirtualGateway, 'messages'>): Promise<readonly Made[]> {
  const audit = new MemoryAudit();
  const clock = new VirtualClock(instant(0));
  const topic = new MemoryTopic(clock);
  const recorder = createRecorder({ feed: topic.records, audit, topic, clock, log: quiet });
  for (const message of messages) await recorder.handle(throughWire(message));
  const decisions = audit.records.flatMap((record) =>
    record.kind === 'decision' ? [record.decision] : [],
  );
  return Promise.all(
    decisions.map(async (decision) => {
      const setting = await audit.settingOf(decision);
      return { decision, content: setting?.version.content };
    }),
  );
}

function throughWire(message: TopicMessage): TopicMessage {
  const decoded = decodeTopicMessage(encodeTopicMessage(message));
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value;
}

const again = ({ decision, content }: Made) =>
  content === undefined ? 'no setting' : replay(decision, content);

const override = (kind: 'pause' | 'freeze' | 'confirm', from: number, until: number): Override => ({
  ...{ kind, owner: 'ann', reason: 'drill' },
  ...{ at: after(begin, from * minuteMs), until: after(begin, until * minuteMs) },
});
const pin: Override = { ...override('pause', 20, 30), kind: 'pin', to: 120 };
const projection = { model: 'OpenAI/m/1', skuName: 'Standard', tpsPerUnit: 0.1 };

/** Every question of the order decides somewhere. */
const stories: readonly (readonly [
  string,
  readonly string[],
  (gateway: VirtualGateway) => void,
])[] = [
  [
    'up to the maximum, and down again',
    ['NotTriggered', 'Throttled', 'AtMaximum', 'DemandFell'],
    (gateway) => {
      gateway.apply();
      gateway.run(66, flood).run(120);
    },
  ],
  [
    'a backend without room, and one that loses it',
    ['NoAvailableCapacity', 'CapacityFell'],
    (gateway) => {
      gateway.apply();
      gateway.run(30, flood);
      gateway.apply({}, { capacity: { kind: 'static', tps: 40 } });
      gateway.run(60, flood);
    },
  ],
  [
    'people, and the switch',
    ['Paused', 'Frozen', 'Pinned', 'AutoscaleOff'],
    (gateway) => {
      gateway.apply({}, {}, [override('pause', 2, 8), override('freeze', 9, 12), pin]);
      gateway.run(40, flood);
      gateway.apply({ dynamicThrottlingEnabled: false });
      gateway.run(45, flood);
    },
  ],
  [
    'an account that is moved to the free tier',
    ['NotEligible'],
    (gateway) => {
      gateway.apply();
      gateway.run(20, flood);
      gateway.apply({ sku: 'F0' });
      gateway.run(25, flood);
    },
  ],
  [
    'bounds that move',
    ['BelowMinimum', 'AboveMaximum'],
    (gateway) => {
      gateway.apply();
      gateway.run(30, flood);
      gateway.apply({}, { maximumTps: 50 });
      gateway.run(35, flood);
      gateway.apply({}, { approvedTps: { default: 70 } });
      gateway.run(40, flood);
    },
  ],
  [
    'two accounts of one backend, and what ARM knows',
    ['Throttled'],
    (gateway) => {
      const other = { id: `${account.id}2` as typeof account.id, name: 'vision2' };
      const shared = { group: 'we', capacity: { kind: 'arm', ...projection } } as const;
      gateway.apply({}, shared);
      gateway.apply(other, shared);
      gateway.run(30, flood, { ...flood, on: other.id });
    },
  ],
];

describe('a decision on a limit replays bit for bit', () => {
  test.each(stories)('%s', async (_, reasons, story) => {
    const gateway = new VirtualGateway({ projection: () => 500 });
    story(gateway);
    const made = await recorded(gateway);
    expect(made.map(({ decision }) => decision.reason)).toEqual(
      expect.arrayContaining([...reasons]),
    );
    for (const one of made) expect(again(one)).toEqual({ kind: 'identical' });
  });

  test('whatever came', async () => {
    const minute = fc.record({
      perSecond: fc.nat(1200),
      by: fc.constantFrom('Rate', 'Backend', 'Quota', 'unsaid'),
    });
    const story = fc.tuple(
      fc.array(minute, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('geometric', 'linear', 'demand'),
      fc.constantFrom('azure', 'fast'),
      fc.constantFrom(5, 200, 5000),
    );
    await fc.assert(
      fc.asyncProperty(story, async ([minutes, growth, pace, tps]) => {
        const gateway = new VirtualGateway();
        gateway.apply(
          { rules: [{ ...defaultRule, count: 7, renewalPeriodMs: 3000 }] },
          {
            ...{ growth, pace, auditLevel: 'all', capacity: { kind: 'static', tps } },
          },
        );
        for (const [index, calls] of minutes.entries()) gateway.run(index + 1, calls);
        for (const one of await recorded(gateway))
          expect(again(one)).toEqual({ kind: 'identical' });
      }),
      { numRuns: 10 },
    );
  });
});

describe('a decision on a limit that does not replay', () => {
  async function aRaise(): Promise<Made & { readonly content: SettingContent }> {
    const gateway = new VirtualGateway();
    gateway.apply();
    gateway.run(6, flood);
    const found = (await recorded(gateway)).find(
      ({ decision }) => decision.reason === 'Throttled' && decision.outcome === 'ScaleOut',
    );
    if (found?.content === undefined) throw new Error('no raise');
    return { ...found, content: found.content };
  }

  test('says where it differs', async () => {
    const { decision, content } = await aRaise();
    const limit = { ...decision.limit!, demandTps: 1, blocked: 0 };
    expect(replay({ ...decision, limit }, content)).toMatchObject({
      kind: 'different',
      differences: expect.arrayContaining([
        { path: 'outcome', recorded: 'ScaleOut', replayed: 'Hold' },
      ]),
    });
  });

  test('an error has no record of what was seen', async () => {
    const { decision, content } = await aRaise();
    const members = Object.entries(decision).filter(([name]) => name !== 'limit');
    const rest = Object.fromEntries(members) as unknown as Decision;
    expect(replay({ ...rest, outcome: 'Hold', reason: 'Error' }, content)).toMatchObject({
      kind: 'cannot',
    });
    expect(replay(rest, content)).toMatchObject({
      kind: 'different',
      differences: [{ path: 'limit', replayed: 'is asked for' }],
    });
  });
});

describe('a decision on a limit is explained', () => {
  test.each(stories)('%s: by the question that decided', async (_, _reasons, story) => {
    const gateway = new VirtualGateway({ projection: () => 500 });
    story(gateway);
    for (const { decision, content } of await recorded(gateway)) {
      const { limit, flips } = explain(decision, content);
      expect(flips).toBeUndefined();
      expect(limit).toMatchObject({ key: 'default', decidedBy: expect.any(String) });
    }
  });

  test('with where it begins, where it ends and when it is looked at next', async () => {
    const gateway = new VirtualGateway();
    gateway.apply({}, { approvedTps: { default: 20 } });
    gateway.run(6, flood);
    const made = (await recorded(gateway)).find(({ decision }) => decision.outcome === 'ScaleOut');
    expect(explain(made!.decision, made!.content)).toMatchObject({
      setting: { mode: 'act', policy: { pace: 'azure' } },
      limit: {
        bounds: { baseTps: 20, ceilingTps: 1000 },
        decidedBy: 'available',
        nextCheckAt: after(begin, 10 * minuteMs),
      },
    });
  });
});

describe('a decision on a quota pool', () => {
  const demand = {
    a: { tokens: 333, served: 3, throttled: 7 },
    b: { tokens: 55, served: 1 },
  };
  const pools: readonly (readonly [string, readonly string[], () => VirtualSubscription])[] = [
    [
      'that moves',
      ['QuotaMoved', 'CapacityUnknown', 'NotTriggered', 'InFlight'],
      () =>
        new VirtualSubscription({ a: 20, b: 40 }, { quota: 60, scaleMs: 5000 }).run(150, demand),
    ],
    [
      'that only says what it would move',
      ['QuotaMoved', 'Cooldown'],
      () => {
        const policy = { mode: 'observe', auditLevel: 'all' } as const;
        return new VirtualSubscription({ a: 20, b: 40 }, { quota: 60, policy }).run(100, demand);
      },
    ],
    [
      'that is paused, and finds nothing idle',
      ['Paused', 'NoAvailableCapacity'],
      () => {
        const overrides = [override('pause', 0, 1)];
        const busy = { ...demand, b: { tokens: 600, served: 10 } };
        return new VirtualSubscription({ a: 20, b: 40 }, { quota: 60, overrides }).run(150, busy);
      },
    ],
  ];

  test.each(pools)(
    '%s replays bit for bit, and is explained without flips',
    async (_, reasons, story) => {
      const made = await recorded(story());
      expect(made.map(({ decision }) => decision.reason)).toEqual(
        expect.arrayContaining([...reasons]),
      );
      for (const one of made) {
        expect(again(one)).toEqual({ kind: 'identical' });
        const explanation = explain(one.decision, one.content);
        expect(explanation).toMatchObject({ setting: { policy: { everyMs: 60_000 } } });
        expect(explanation.flips).toBeUndefined();
      }
    },
  );

  test('of a deployment that the same inputs do not change is a difference', async () => {
    const [, , story] = pools[0]!;
    const made = await recorded(story());
    const { decision, content } = made.find(
      (one) => one.decision.reason === 'QuotaMoved' && one.decision.target !== poolId,
    )!;
    expect(again({ decision, content })).toEqual({ kind: 'identical' });
    const quota = { ...decision.quota!, use: [] };
    expect(again({ decision: { ...decision, quota }, content })).toMatchObject({
      kind: 'different',
    });
    const members = Object.entries(decision).filter(([name]) => name !== 'quota');
    const rest = Object.fromEntries(members) as unknown as Decision;
    expect(
      again({ decision: { ...rest, outcome: 'Hold', reason: 'Error' }, content }),
    ).toMatchObject({ kind: 'cannot' });
  });
});
