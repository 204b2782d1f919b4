import { describe, expect, test } from '@jest/globals';
import { explain } from '@headroom/core';
import type { LocalTime, Profile } from '@headroom/core';
import { plainColors } from './colors.ts';
import { cpuRules, decisionOn, minutesFromNow, ruleOf } from './explanation.fixture.ts';
import type { Told } from './explanation.fixture.ts';
import { explanationLines } from './explanation-lines.ts';

const cpu = 'CpuUtilizationPercentage';
const latency = 'RequestLatency_P95';
const pause = {
  kind: 'pause',
  at: minutesFromNow(-10),
  until: minutesFromNow(20),
  owner: 'ann',
  reason: 'load test',
} as const;

function said(told: Told, withSetting = true): string {
  const { decision, content } = decisionOn(told);
  const explanation = explain(decision, withSetting ? content : undefined);
  return explanationLines(explanation, plainColors).join('\n');
}

describe('an action', () => {
  test('of an out rule', () => {
    expect(said({ readings: { [cpu]: 84.2 } })).toMatchInlineSnapshot(`
     "ScaleOut ScaleOutRule  chat/blue  2026-11-21 14:07:09Z
       From 4 to 6 instances. Rule 0 (CpuUtilizationPercentage) fired and asks for the most instances.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage 84.2 > 70: fired, 14.2 above the threshold (20.3 %); asks for 6
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage 84.2 < 30: not fired, 54.2 above the threshold (180.7 %)
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 2 of 2 rules could be read, 1 fired
       scaleOut: fired: CpuUtilizationPercentage 84.2 > 70

     Nearest flip
       nearest: CpuUtilizationPercentage at 70 instead of 84.2 (16.9 %) → Hold NotTriggered at 4 instances
       or: rule 0 (CpuUtilizationPercentage) with the threshold 84.2 instead of 70 (16.9 %) → Hold NotTriggered at 4 instances
       no other time would have changed it"
    `);
  });

  test('of in rules, which flapping made smaller', () => {
    const rules = [
      ruleOf(cpu, 'GreaterThan', 70, 1),
      ruleOf(cpu, 'LessThan', 45, 4),
      ruleOf(latency, 'LessThan', 500, 3),
    ];
    const readings = { [cpu]: 40, [latency]: 120.5 };
    expect(said({ rules, instances: 6, readings })).toMatchInlineSnapshot(`
     "ScaleIn FlappingAdjusted  chat/blue  2026-11-21 14:07:09Z
       From 6 to 4 instances. The in rules asked for less; with that an out rule would fire at once.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage 40 > 70: not fired, 30 below the threshold (42.9 %)
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage 40 < 45: fired, 5 below the threshold (11.1 %); asks for 2
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 2 (in): RequestLatency_P95 120.5 < 500: fired, 379.5 below the threshold (75.9 %); asks for 3
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push

     After a scale-in
       4 instances: rule 0 (CpuUtilizationPercentage) would see 60, and scales out at > 70

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 3 of 3 rules could be read, 2 fired
       scaleIn: all fired: CpuUtilizationPercentage 40 < 45, RequestLatency_P95 120.5 < 500
       flapping: 3 would scale out again at once: 4 does not

     Nearest flip
       nearest: CpuUtilizationPercentage at 35 instead of 40 (11.1 %) → ScaleIn ScaleInRule to 3 instances
       or: rule 1 (CpuUtilizationPercentage) with the threshold 40 instead of 45 (11.1 %) → Hold NotAllTriggered at 6 instances
       no other time would have changed it"
    `);
  });

  test('of the bounds', () => {
    expect(said({ instances: 1 })).toMatchInlineSnapshot(`
     "ScaleOut BelowMinimum  chat/blue  2026-11-21 14:07:09Z
       From 1 to 2 instances. There were fewer instances than the profile allows.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Step by step
       profile: default: 2 to 10, default 2
       bounds: 1 is below the minimum 2

     Nearest flip
       No metric was read, so no value and no threshold would have changed it: BelowMinimum comes before them. What would have come after it is not on record."
    `);
  });

  test('that only observes', () => {
    expect(said({ readings: { [cpu]: 71 }, policy: { mode: 'observe', flapBudget: 4 } }))
      .toMatchInlineSnapshot(`
     "ScaleOut ScaleOutRule  chat/blue  2026-11-21 14:07:09Z
       From 4 to 6 instances; not carried out: mode observe. Rule 0 (CpuUtilizationPercentage) fired and asks for the most instances.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode observe
       profile default (the default): 2 to 10 instances, default 2
       flapBudget: 4 (default: none)
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage 71 > 70: fired, 1 above the threshold (1.4 %); asks for 6
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage 71 < 30: not fired, 41 above the threshold (136.7 %)
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 2 of 2 rules could be read, 1 fired
       scaleOut: fired: CpuUtilizationPercentage 71 > 70

     Nearest flip
       nearest: CpuUtilizationPercentage at 70 instead of 71 (1.4 %) → Hold NotTriggered at 4 instances
       or: rule 0 (CpuUtilizationPercentage) with the threshold 71 instead of 70 (1.4 %) → Hold NotTriggered at 4 instances
       no other time would have changed it"
    `);
  });
});

describe('a hold', () => {
  test('because nothing fired', () => {
    expect(said({ readings: { [cpu]: 69.996 } })).toMatchInlineSnapshot(`
     "Hold NotTriggered  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. No out rule fired, and no in rule that takes instances away.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage 69.996 > 70: not fired, 0.004 below the threshold (0.006 %)
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage 70 < 30: not fired, 40 above the threshold (133.3 %)
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 2 of 2 rules could be read, 0 fired
       scaleIn: not fired: CpuUtilizationPercentage 70 < 30

     Nearest flip
       nearest: CpuUtilizationPercentage at 70.00001 instead of 69.996 (0.006 %) → ScaleOut ScaleOutRule to 6 instances
       or: rule 0 (CpuUtilizationPercentage) with the threshold 69.99599 instead of 70 (0.006 %) → ScaleOut ScaleOutRule to 6 instances
       no other time would have changed it"
    `);
  });

  test('because of a cooldown', () => {
    const state = { lastActionAt: minutesFromNow(-2) };
    expect(said({ readings: { [cpu]: 80 }, state })).toMatchInlineSnapshot(`
     "Hold Cooldown  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. Rules fired, but the last action is too fresh: they are cooling.
       That ends at 2026-11-21 14:10:09Z, 3 min after the decision.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage 80 > 70: fired, 10 above the threshold (14.3 %); asks for 6; cools for 3 min more
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage 80 < 30: not fired, 50 above the threshold (166.7 %); cools for 3 min more
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 2 of 2 rules could be read, 1 fired
       scaleOut: fired: CpuUtilizationPercentage 80 > 70
       cooldown: all are cooling, the first for 3 min more

     Nearest flip
       nearest: the same at 2026-11-21 14:10:09Z, 3 min later, when a cooldown ends → ScaleOut ScaleOutRule to 6 instances
       no other value of one metric, and no other threshold of one rule would have changed it"
    `);
  });

  test('because it would flap', () => {
    const rules = [ruleOf(cpu, 'GreaterThan', 70, 1), ruleOf(cpu, 'LessThan', 60, 1)];
    expect(said({ rules, readings: { [cpu]: 55 } })).toMatchInlineSnapshot(`
     "Hold Flapping  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. The in rules fired, but with fewer instances an out rule would fire at once.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage 55 > 70: not fired, 15 below the threshold (21.4 %)
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage 55 < 60: fired, 5 below the threshold (8.3 %); asks for 3
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push

     After a scale-in
       3 instances: rule 0 (CpuUtilizationPercentage) would see 73.33, and scales out at > 70

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 2 of 2 rules could be read, 1 fired
       scaleIn: all fired: CpuUtilizationPercentage 55 < 60
       flapping: every count from 3 to 3 would scale out again

     Nearest flip
       nearest: CpuUtilizationPercentage at 52.5 instead of 55 (4.2 %) → ScaleIn ScaleInRule to 3 instances
       or: rule 0 (CpuUtilizationPercentage) with the threshold 73.34 instead of 70 (4.8 %) → ScaleIn ScaleInRule to 3 instances
       no other time would have changed it"
    `);
  });

  test('because a metric is missing', () => {
    const rules = [ruleOf(cpu, 'LessThan', 30, 1), ruleOf(latency, 'LessThan', 500, 1)];
    expect(said({ rules, readings: { [cpu]: 20 } })).toMatchInlineSnapshot(`
     "Hold MetricMissing  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. Some metric could not be read, or has gaps; a scale-in needs all of them.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (in): CpuUtilizationPercentage 20 < 30: fired, 10 below the threshold (33.3 %); asks for 3
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): RequestLatency_P95 missing < 500: not fired
           Average over 5 min, no data

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 1 of 2 rules could be read, 1 fired
       scaleIn: cannot be read: RequestLatency_P95

     Nearest flip
       No single other value of a metric, threshold or time would have changed it."
    `);
  });

  test('because a window is not whole yet', () => {
    expect(said({ readings: { [cpu]: 'warming' } })).toMatchInlineSnapshot(`
     "Hold Warming  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. Some metric was not watched for a whole window yet.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage warming > 70: not fired
           Average over 5 min, ends 2026-11-21 14:07:00Z, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage warming < 30: not fired
           Average over 5 min, ends 2026-11-21 14:07:00Z, 9.0 s old, by push

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 0 of 2 rules could be read, 0 fired
       scaleIn: not watched for a whole window yet: CpuUtilizationPercentage

     Nearest flip
       No single other value of a metric, threshold or time would have changed it."
    `);
  });

  test('because somebody paused it', () => {
    expect(said({ readings: { [cpu]: 99 }, overrides: [pause] })).toMatchInlineSnapshot(`
     "Hold Paused  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. Somebody paused the setting.
       That ends at 2026-11-21 14:27:09Z, 20 min after the decision.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Overrides
       paused by ann until 2026-11-21 14:27:09Z: load test (in force)

     Step by step
       profile: default: 2 to 10, default 2
       override: paused by ann for 20 min more: load test

     Nearest flip
       No metric was read, so no value and no threshold would have changed it: Paused comes before them. What would have come after it is not on record."
    `);
  });

  test('because of a pin', () => {
    const overrides = [{ ...pause, kind: 'pin', to: 4 } as const];
    expect(said({ readings: { [cpu]: 99 }, overrides })).toMatchInlineSnapshot(`
     "Hold Pinned  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. Somebody pinned it to a count.
       That ends at 2026-11-21 14:27:09Z, 20 min after the decision.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Overrides
       pinned to 4 by ann until 2026-11-21 14:27:09Z: load test (in force)

     Step by step
       profile: default: 2 to 10, default 2
       override: pinned to 4 by ann for 20 min more: load test

     Nearest flip
       No metric was read, so no value and no threshold would have changed it: Pinned comes before them. What would have come after it is not on record."
    `);
  });

  test('brought there by a pin: what would have come after it is not known', () => {
    const overrides = [{ ...pause, kind: 'pin', to: 6 } as const];
    const lines = said({ readings: { [cpu]: 99 }, overrides });
    expect(lines).toContain('ScaleOut Pinned');
    expect(lines).toContain('Pinned comes before them. What would have come after it is not');
  });

  test('by a profile without rules: nothing but the time could have changed it', () => {
    const lines = said({ rules: [] });
    expect(lines).toContain('Hold NotTriggered');
    expect(lines).toContain('No single other value of a metric, threshold or time');
  });

  test('because an operation runs', () => {
    const inFlight = {
      commandId: 'c',
      to: 6,
      decidedAt: minutesFromNow(-1),
      startBy: minutesFromNow(1),
      started: true,
    };
    expect(said({ state: { inFlight } })).toMatchInlineSnapshot(`
     "Hold InFlight  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. An operation on it was not over yet.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Step by step
       profile: default: 2 to 10, default 2
       inFlight: a scale to 6 is running

     Nearest flip
       No metric was read, so no value and no threshold would have changed it: InFlight comes before them. What would have come after it is not on record."
    `);
  });

  test('because of a budget of actions', () => {
    const recentActions = [minutesFromNow(-50), minutesFromNow(-20)];
    const told = { readings: { [cpu]: 90 }, state: { recentActions }, policy: { flapBudget: 2 } };
    expect(said(told)).toMatchInlineSnapshot(`
     "Hold FlapBudget  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. Rules fired, but the actions that an hour may have are spent.
       That ends at 2026-11-21 14:17:09Z, 10 min after the decision.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 10 instances, default 2
       flapBudget: 2 (default: none)
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage 90 > 70: fired, 20 above the threshold (28.6 %); asks for 6
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage 90 < 30: not fired, 60 above the threshold (200 %)
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 2 of 2 rules could be read, 1 fired
       scaleOut: fired: CpuUtilizationPercentage 90 > 70
       budget: 2 actions an hour are spent: wait 10 min more

     Nearest flip
       nearest: the same at 2026-11-21 14:17:09Z, 10 min later, when the hour of an action ends → ScaleOut ScaleOutRule to 6 instances
       no other value of one metric, and no other threshold of one rule would have changed it"
    `);
  });

  test('at the maximum, per instance', () => {
    const rules = [ruleOf('ActiveMessageCount', 'GreaterThan', 10, 1, { dividePerInstance: true })];
    const capacity = { minimum: 2, maximum: 4, default: 2 };
    expect(said({ rules, capacity, readings: { ActiveMessageCount: 48 } })).toMatchInlineSnapshot(`
     "Hold AtMaximum  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. An out rule fired, but it has all the instances that the profile allows.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default (the default): 2 to 4 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): ActiveMessageCount 12 > 10: fired, 2 above the threshold (20 %); asks for 5
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push, divided per instance

     Step by step
       profile: default: 2 to 4, default 2
       metrics: 1 of 1 rules could be read, 1 fired
       scaleOut: fired: ActiveMessageCount 12 > 10

     Nearest flip
       No single other value of a metric, threshold or time would have changed it."
    `);
  });

  test('of a profile that ends', () => {
    const calm: Profile = {
      name: 'launch',
      capacity: { minimum: 2, maximum: 4, default: 2 },
      rules: cpuRules,
      schedule: {
        kind: 'fixedDate',
        timeZone: 'Europe/Berlin',
        start: Date.UTC(2026, 10, 21, 9) as LocalTime,
        end: Date.UTC(2026, 10, 21, 16) as LocalTime,
      },
    };
    expect(said({ profiles: [calm], readings: { [cpu]: 90 } })).toMatchInlineSnapshot(`
     "Hold AtMaximum  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. An out rule fired, but it has all the instances that the profile allows.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile launch (a fixed date, at least until 2026-11-21 15:00:00Z): 2 to 4 instances, default 2
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage 90 > 70: fired, 20 above the threshold (28.6 %); asks for 6
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage 90 < 30: not fired, 60 above the threshold (200 %)
           Average over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push

     Step by step
       profile: launch: 2 to 4, default 2
       metrics: 2 of 2 rules could be read, 1 fired
       scaleOut: fired: CpuUtilizationPercentage 90 > 70

     Nearest flip
       nearest: CpuUtilizationPercentage at 29.9 instead of 90 (66.8 %) → ScaleIn ScaleInRule to 3 instances
       or: the same at 2026-11-21 15:00:00Z, 52 min 51 s later, when the profile ends → ScaleOut ScaleOutRule to 6 instances
       no other threshold of one rule would have changed it"
    `);
  });

  test('whose setting is not on record', () => {
    expect(said({ readings: { [cpu]: 50 } }, false)).toMatchInlineSnapshot(`
     "Hold NotTriggered  chat/blue  2026-11-21 14:07:09Z
       It stays at 4 instances. No out rule fired, and no in rule that takes instances away.
       /subscriptions/s/providers/m/onlineendpoints/chat/deployments/blue

     Made with
       setting chat-blue, version 3, mode act
       profile default
       log partition 3, event 412; code 0.1.0+tz2025b
       decision 4f1d2c3b4a5968778695a4b3c2d1e0f0

     Rules
       rule 0 (out): CpuUtilizationPercentage 50 > 70: not fired, 20 below the threshold (28.6 %)
           window over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push
       rule 1 (in): CpuUtilizationPercentage 50 < 30: not fired, 20 above the threshold (66.7 %)
           window over 5 min, ends 2026-11-21 14:07:00Z, 5 samples, 9.0 s old, by push

     Step by step
       profile: default: 2 to 10, default 2
       metrics: 2 of 2 rules could be read, 0 fired
       scaleIn: not fired: CpuUtilizationPercentage 50 < 30

     Nearest flip
       Version 3 of the setting chat-blue is not on record: it cannot be worked out."
    `);
  });
});

test('what others wrote moves no cursor', () => {
  const overrides = [{ ...pause, reason: 'x\u001b[2J' }];
  expect(said({ overrides })).not.toContain('\u001b');
});

test.each([
  ['change', 1, '1 evaluation before it found what the record before says'],
  ['action', 11, '11 evaluations before it found what the record before says'],
  ['heartbeat', 90, '90 evaluations before it found the same'],
] as const)('a %s after %i evaluations without a record', (record, unchanged, text) => {
  const { decision, content } = decisionOn({ readings: { [cpu]: 50 } });
  const explanation = explain({ ...decision, record, unchanged }, content);
  expect(explanationLines(explanation, plainColors)).toContain(`  ${text}`);
});
