import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, hourMs, minuteMs } from '@headroom/core';
import { fetchHistories } from '../history/fetch-histories.ts';
import {
  armSetting,
  deployment,
  FakeAzure,
  noon,
  sampleAt,
  settingId,
  subscription,
} from '../history/history.fixture.ts';
import { run, written } from './ran.fixture.ts';

/** Over a folder that was fetched: half a day of two instances at 50 %, and of eight at 90 % that nobody scaled. */
const begin = after(noon, -12 * hourMs);
let data = '';

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'headroom-cached-'));
  const azure = new FakeAzure();
  azure.documents = ['blue', 'green', 'late'].map((name) => armSetting(name));
  for (const name of ['blue', 'green']) {
    for (let minute = 0; minute < 12 * 60; minute++) {
      const at = after(begin, minute * minuteMs);
      const [cpu, instances] = name === 'blue' ? [50, 2] : [90, 8];
      azure.metrics.put(sampleAt(deployment(name), 'Cpu', at, cpu));
      azure.metrics.put(sampleAt(settingId(name), 'ObservedCapacity', at, instances));
    }
  }
  measureLate(azure);
  await fetchHistories({ subscription, data, from: begin, to: noon }, azure);
});

/** Of a target whose values Azure's engine says that it read when they were three minutes old. */
function measureLate(azure: FakeAzure): void {
  const cpuAt = (minute: number): number => 40 + (minute % 7);
  const source = [['MetricTriggerSource', deployment('late')]] as const;
  for (let minute = 0; minute < 12 * 60; minute++) {
    const at = after(begin, minute * minuteMs);
    azure.metrics.put(sampleAt(deployment('late'), 'Cpu', at, cpuAt(minute)));
    azure.metrics.put(sampleAt(settingId('late'), 'ObservedCapacity', at, 2));
    if (minute < 8) continue;
    const window = [8, 7, 6, 5, 4].map((before) => cpuAt(minute - before));
    const value = window.reduce((sum, one) => sum + one, 0) / window.length;
    azure.metrics.put(sampleAt(settingId('late'), 'ObservedMetricValue', at, value, source));
  }
}

afterAll(() => rm(data, { recursive: true, force: true }));

const backtest = (...args: readonly string[]) => run(['backtest', ...args], () => noon);

const fileOf = (name: string, document: unknown) => written(data, name, JSON.stringify(document));

describe('headroom backtest --against a folder', () => {
  test.each([
    [
      ['--since', '2020-01-01', '--until', '2020-01-02'],
      /from 2026-.* to 2026-.*nothing of what --since/,
    ],
    [['--model', 'Cqu=shared'], /--model cqu: no rule reads it; they read Cpu/],
  ])('%j is refused with what there is', async (args, message) => {
    const { code, out, err } = await backtest('ep/blue', '--against', data, ...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(message);
  });

  test.each([['ep/blue'], ['BLUE'], [deployment('blue')]])(
    '%s finds its setting in it',
    async (name) => {
      const { code, out, err } = await backtest(name, '--against', data);
      expect(err).toBe('');
      expect(code).toBe(0);
      expect(out).toMatch(/^ep\/blue, 12 h of /);
      expect(out).toMatch(/^instance-hours +24\.0 +24\.0$/m);
    },
  );

  test('a file that says something else is run beside the setting that was fetched', async () => {
    const text = JSON.stringify(armSetting('blue')).replace('"threshold":70', '"threshold":40');
    const file = await fileOf('eager.json', JSON.parse(text));
    const { out } = await backtest(file, '--against', join(data, 'assess'));
    expect(out).toMatch(/^ +on record +current +given$/m);
    const same = await fileOf('same.json', armSetting('blue'));
    expect((await backtest(same, '--against', data)).out).toMatch(/^ +on record +current$/m);
  });

  test('data is as old as Azure had it, unless somebody says otherwise', async () => {
    const as = 'metrics are there';
    const { out } = await backtest('ep/late', '--against', data);
    expect(out).toContain(`${as} 3 min after their grain has ended`);
    const given = await backtest('ep/late', '--against', data, '--data-age', '2m');
    expect(given.out).toContain(`${as} 2 min after their grain has ended`);
    expect((await backtest('ep/blue', '--against', data)).out).toContain(`${as} 1 min after`);
  });

  test('a part of it is taken', async () => {
    const { out } = await backtest('ep/blue', '--against', data, '--since', '6h');
    expect(out).toMatch(/^ep\/blue, 6 h of .*: 2026-11-20 06:00:00Z to 2026-11-20 12:00:00Z/);
  });

  test('what is not in it is refused, with what is', async () => {
    const { code, err } = await backtest('red', '--against', data);
    expect(code).toBe(1);
    expect(err).toContain('holds no setting of "red"');
    expect(err).toContain('ep/blue, ep/green, ep/late');
  });

  test('a setting that does not come out as on record is refused, unless somebody insists', async () => {
    const { code, err } = await backtest('ep/green', '--against', data);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^ep\/green: no backtest of current: the setting on record comes out at \d+\.\d instance-hours where 96\.0 are on record, 1\d % more/,
    );
    const insisted = await backtest('ep/green', '--against', data, '--unchecked');
    expect(insisted.code).toBe(0);
    expect(insisted.out).toContain('where 96.0 are on record: something else decided too');
  });
});
