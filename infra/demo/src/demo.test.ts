import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { readDemoSetting } from './deployment.ts';
import { generateSample } from './sample/generate.ts';
import { readTrafficSample, trafficOf } from './traffic.ts';
import { runVirtualDemo, type RuleDocument } from './virtual-demo.fixture.ts';

const profile = (
  (await readDemoSetting()) as {
    properties: {
      profiles: [
        { capacity: { minimum: string; maximum: string }; rules: readonly RuleDocument[] },
      ];
    };
  }
).properties.profiles[0];
const traffic = trafficOf(await readTrafficSample());
const run = (provisioningS: number, forS: number) =>
  runVirtualDemo({
    traffic,
    rules: profile.rules,
    minimum: Number(profile.capacity.minimum),
    maximum: Number(profile.capacity.maximum),
    provisioningS,
    forS,
  });

describe('the demo shows what Headroom does', () => {
  test.each([2, 8, 20])('out within 2 minutes, in within 4 (instances take %d s)', (seconds) => {
    const actions = run(seconds, 240);
    const out = actions.find(({ from, to }) => to > from);
    const back = actions.find(({ from, to }) => to < from);
    expect(out).toMatchObject({ from: 2, to: 4 });
    // 30 s are left for the start of the processes, 20 s for what a killed service takes to come back.
    expect(out!.atS).toBeLessThanOrEqual(75);
    expect(back!.atS).toBeGreaterThan(out!.atS);
    expect(back!.atS).toBeLessThanOrEqual(200);
  });

  test('out follows a minute with a burst, in one of few requests an instance', () => {
    for (const { atS, from, to } of run(8, 1200)) {
      const minute = Array.from({ length: 60 }, (_, s) => traffic((atS - s) * 1000));
      const mean = minute.reduce((sum, requests) => sum + requests, 0) / minute.length;
      if (to > from) expect(Math.max(...minute) / from).toBeGreaterThan(6);
      else expect(mean / from).toBeLessThan(3.5);
    }
  });

  test('a long run goes on: each round of the sample scales in both directions', () => {
    const rounds = run(8, 3 * 1200);
    for (const round of [0, 1, 2]) {
      const actions = rounds.filter(({ atS }) => Math.floor(atS / 1200) === round);
      expect(actions.some(({ from, to }) => to > from)).toBe(true);
      expect(actions.some(({ from, to }) => to < from)).toBe(true);
    }
    expect(Math.max(...rounds.map(({ to }) => to))).toBeGreaterThanOrEqual(6);
  });
});

test('the sample is what its generator makes', async () => {
  const file = new URL('./sample/traffic.csv', import.meta.url);
  expect(await readFile(file, 'utf8')).toBe(generateSample());
});
