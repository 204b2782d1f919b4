import { beforeAll, describe, expect, test } from '@jest/globals';
import { groupOf, instant, minuteMs, partitionOf } from '@headroom/core';
import type { LogEvent, Sample, SettingVersion } from '@headroom/core';
import { localEnvironment } from '@headroom/runtime';
import { eventHubs } from '@headroom/topology';
import { storedSetting } from '../backtest/stored-setting.ts';
import { openEventHubs, silentLog } from '../connections.ts';
import { settingFor, useHeadroom } from './headroom.fixture.ts';

/** The log is that of the embedded Azure, which stamps what is appended by the clock: the samples lie ahead of it. */
const current = useHeadroom();
const minutes = 240;
const instances = 3;
const from = instant(Math.ceil(Date.now() / minuteMs + 1) * minuteMs);

let file = '';

beforeAll(async () => {
  file = await current().fileOf('logged.json', await cpuSettingFor('logged'));
  await current().run('apply', file, '--data', current().folder);
  const { version } = await storedSetting('logged/blue', current().folder, { env: {} });
  const { name, partitions } = eventHubs.signals;
  const hubs = await openEventHubs(localEnvironment(current().folder, {}), silentLog);
  const log = hubs.signalLog({ hub: name, partitions });
  await log.append(partitionOf(groupOf(version), partitions), eventsOf(version));
  await hubs.close();
});

/** Without the rules on latency. */
async function cpuSettingFor(endpoint: string): Promise<string> {
  const document = JSON.parse(await settingFor(endpoint)) as {
    properties: { profiles: { rules: { metricTrigger: { metricName: string } }[] }[] };
  };
  for (const profile of document.properties.profiles) {
    profile.rules = profile.rules.filter(
      ({ metricTrigger }) => metricTrigger.metricName === 'CpuUtilizationPercentage',
    );
  }
  return JSON.stringify(document, undefined, 2);
}

/** Three instances at 60 % of CPU all the time. */
function eventsOf(version: SettingVersion): readonly LogEvent[] {
  const { target } = version;
  const observation = { target, commandId: 'read', instances, detail: '', at: from };
  const samples = Array.from({ length: minutes }, (_, minute) => {
    const sample: Sample = {
      series: { resource: target, metric: 'cpuutilizationpercentage', dimensions: [] },
      time: instant(from + minute * minuteMs),
      grainMs: minuteMs,
      ...{ count: 1, total: 60, minimum: 60, maximum: 60 },
    };
    return { sample, position: { sequence: minute, index: 0 } };
  });
  const ends = { first: samples[0]!.position, last: samples.at(-1)!.position };
  return [
    { kind: 'setting', version },
    { kind: 'capacity', observation },
    { kind: 'frame', source: 'metrics#0', path: 'push', ...ends, samples },
  ];
}

describe('headroom backtest --against recorded', () => {
  const backtest = (...args: readonly string[]) =>
    current().run('backtest', ...args, '--against', 'recorded', '--data', current().folder);

  test('takes metrics, instances and the setting in force from the log', async () => {
    const { code, out, err } = await backtest('logged/blue');
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain('logged/blue, 4 h of recorded: ');
    expect(out).toMatch(/instance-hours +12\.0 +12\.0\n/);
  });

  test('runs another setting beside it', async () => {
    const text = (await cpuSettingFor('logged')).replaceAll('"threshold": 70', '"threshold": 40');
    const other = await current().fileOf('eager.json', text);
    const { code, out } = await backtest('logged/blue', '--candidate', other, '--json');
    expect(code).toBe(0);
    const { runs } = JSON.parse(out) as {
      runs: { name: string; figures: { instanceHours: number; scaleOuts: number } }[];
    };
    expect(runs.map(({ name }) => name)).toEqual(['current', 'eager']);
    expect(runs[0]?.figures).toMatchObject({ instanceHours: 12, scaleOuts: 0 });
    expect(runs[1]?.figures.scaleOuts).toBeGreaterThan(0);
  });

  test('says what there is where a target has nothing on record', async () => {
    const silent = await current().fileOf('silent.json', await settingFor('silent'));
    await current().run('apply', silent, '--data', current().folder);
    expect((await backtest('silent/blue')).err).toContain('the log holds no metric of silent/blue');
    expect((await backtest('nobody/blue')).err).toContain('endpoints/logged/deployments/blue');
  });
});
