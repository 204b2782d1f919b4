import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { after, instant, minuteMs } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { TargetHistory } from '@headroom/scenario';
import { decodeMetrics } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { cachedHistories, fetchHistories, historiesIn } from './fetch-histories.ts';
import type { Histories, HistoryRequest } from './histories.ts';
import {
  armSetting,
  dayMs,
  deployment,
  eventAt,
  FakeAzure,
  noon,
  sampleAt,
  settingId,
  subscription,
} from './history.fixture.ts';

let data = '';
let azure = new FakeAzure();
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'headroom-history-'));
  azure = new FakeAzure();
});
afterEach(() => rm(data, { recursive: true, force: true }));

const request = (more: Partial<HistoryRequest> = {}): HistoryRequest => ({
  ...{ subscription, data, from: after(noon, -3 * dayMs), to: noon },
  ...more,
});
const fetchAll = async (more: Partial<HistoryRequest> = {}) =>
  listed(await fetchHistories(request(more), azure));

async function listed(histories: Histories): Promise<TargetHistory[]> {
  const all: TargetHistory[] = [];
  for await (const history of histories.each) all.push(history);
  return all;
}

/** Files of the subscription's folder, `FOLDER/FILE`. */
async function files(): Promise<string[]> {
  const found = await readdir(join(data, 'assess'), { recursive: true });
  return found.filter((name) => /\.(json|gz)$/.test(name)).sort();
}

describe('histories that are fetched', () => {
  test('have what the rules read, what Azure read and did, and the instances', async () => {
    azure.documents = [armSetting('Blue')];
    azure.measure(deployment('blue'), 'Cpu', 3);
    azure.measure(deployment('blue'), 'Other', 3);
    const own = settingId('blue');
    const at = (minutes: number) => after(noon, minutes * minuteMs);
    azure.metrics.put(sampleAt(own, 'ObservedCapacity', at(-90), 2));
    const source = [['MetricTriggerSource', '/Sub/Blue']] as const;
    azure.metrics.put(sampleAt(own, 'ObservedMetricValue', at(-60), 81, source));
    azure.log = [
      eventAt('blue', 'ScaleStarted', at(-60), { from: 2, to: 3 }),
      eventAt('blue', 'ScaleSucceeded', at(-55), { from: 2, to: 3 }),
      eventAt('green', 'ScaleStarted', at(-50), { from: 5, to: 6 }),
    ];
    const [history, ...others] = await fetchAll();
    expect(others).toEqual([]);
    expect(history).toMatchObject({ settingId: own, setting: { name: 'Blue' }, gaps: [] });
    const { samples, capacities, events, observed } = history!;
    expect(samples.map(({ total }) => total)).toEqual(Array.from({ length: 72 }, (_, n) => 72 - n));
    expect(samples[0]).toEqual(sampleAt(deployment('blue'), 'Cpu', after(noon, -3 * dayMs), 72));
    expect(capacities).toEqual([
      { at: at(-90), instances: 2 },
      { at: at(-55), instances: 3 },
    ]);
    expect(events).toEqual(azure.log.slice(0, 2));
    expect(observed).toEqual([{ at: at(-60), source: '/Sub/Blue', value: 81 }]);
  });

  test('have the thresholds that Azure compared with, and the actions that it counted', async () => {
    azure.documents = [armSetting('blue')];
    const at = (minutes: number) => after(noon, minutes * minuteMs);
    const own = (metric: string, minutes: number, value: number, name: string, of: string) =>
      azure.metrics.put(sampleAt(settingId('blue'), metric, at(minutes), value, [[name, of]]));
    for (const minutes of [-50, -40]) own('MetricThreshold', minutes, 80, 'MetricTriggerRule', 'A');
    for (const minutes of [-30, -20]) own('MetricThreshold', minutes, 70, 'MetricTriggerRule', 'A');
    own('ScaleActionsInitiated', -30, 0, 'ScaleDirection', 'Decrease');
    own('ScaleActionsInitiated', -20, 2, 'ScaleDirection', 'Increase');
    const [history] = await fetchAll();
    expect(history?.thresholds).toEqual([
      { rule: 'A', value: 80, from: at(-50), to: at(-40) },
      { rule: 'A', value: 70, from: at(-30), to: at(-20) },
    ]);
    expect(history?.countedActions).toEqual([{ at: at(-20), direction: 'Increase', count: 2 }]);
  });

  test('begin with what is first on record: a younger target had no instances before', async () => {
    azure.documents = [armSetting('blue'), armSetting('green')];
    azure.measure(deployment('blue'), 'Cpu', 1);
    azure.log = [eventAt('blue', 'ScaleStarted', after(noon, -60 * minuteMs), { from: 2, to: 3 })];
    const [young, silent] = await fetchAll();
    const from = after(noon, -dayMs);
    expect(young).toMatchObject({ from, to: noon });
    expect(young?.capacities[0]).toEqual({ at: from, instances: 2 });
    expect(young?.gaps).toEqual([
      'the time before 2026-11-19T12:00:00.000Z: what is told begins there',
    ]);
    expect(silent).toMatchObject({ from: after(noon, -3 * dayMs) });
  });

  test('can be run through again, and tell how far the fetching is', async () => {
    azure.documents = [armSetting('blue'), armSetting('green')];
    const told: string[] = [];
    const histories = await fetchHistories(
      request({ onProgress: ({ step, done, total }) => told.push(`${step} ${done}/${total}`) }),
      azure,
    );
    expect((await listed(histories)).length + (await listed(histories)).length).toBe(4);
    expect(histories).toMatchObject({ settings: 2, unread: [] });
    expect(told).toEqual(expect.arrayContaining(['settings 1/1', 'events 4/4', 'metrics 8/8']));
    expect(histories.calls).toBeGreaterThan(3);
  });

  test('are asked for in few calls, several settings and metrics together', async () => {
    azure.documents = Array.from({ length: 20 }, (_, index) => armSetting(`d${index}`));
    const { calls } = await fetchHistories(request(), azure);
    const { reads } = azure.metrics;
    expect(reads.map(({ resources, metrics }) => [resources.length, metrics.join()])).toEqual([
      [20, 'Cpu'],
      [20, 'ObservedCapacity'],
      [20, 'ObservedMetricValue'],
      [20, 'MetricThreshold'],
      [20, 'ScaleActionsInitiated'],
    ]);
    // One for each resource's region, one for the settings, one for the activity log.
    expect(calls).toBe(5 + 40 + 1 + 1);
  });

  test('do not fail for a setting that cannot be read, or a metric that is refused', async () => {
    const broken = { ...armSetting('red'), properties: { profiles: 7 } };
    azure.documents = [broken, armSetting('blue')];
    azure.metrics.refuse(deployment('blue'), { metric: 'Cpu', why: 'it has no such metric' });
    const histories = await fetchHistories(request(), azure);
    expect(histories.unread).toMatchObject([{ id: settingId('red') }]);
    expect(histories.unread[0]?.why).toContain('properties.');
    const [history] = await listed(histories);
    expect(history?.gaps).toEqual(['no Cpu of ep/blue: it has no such metric (4 days)']);
  });

  test('lack the events where the right to them is missing, which is said and made good later', async () => {
    azure.documents = [armSetting('blue')];
    azure.log = [eventAt('blue', 'ScaleStarted', after(noon, -dayMs), { from: 2, to: 3 })];
    azure.failure = Object.assign(new Error('no right'), { name: 'ListingRefused' });
    expect((await fetchAll())[0]).toMatchObject({
      events: [],
      gaps: ['no right', 'Cpu of ep/blue has no value in this time'],
    });
    azure.failure = undefined;
    expect((await fetchAll())[0]?.events).toEqual(azure.log);
  });
});

describe('the cache', () => {
  test('has days that are over for good; the running one is fetched again', async () => {
    azure.documents = [armSetting('blue')];
    azure.measure(deployment('blue'), 'Cpu', 3);
    await fetchAll();
    const before = azure.metrics.reads.length;
    azure.metrics.locate(deployment('blue'), 'elsewhere');
    azure.time = after(noon, 60 * minuteMs);
    azure.metrics.put(sampleAt(deployment('blue'), 'Cpu', noon, 99));
    const [history] = await fetchAll({ to: azure.time });
    expect(history?.samples.at(-1)?.total).toBe(99);
    expect(history?.samples).toHaveLength(73);
    const again = azure.metrics.reads.slice(before);
    expect(new Set(again.map(({ region }) => region))).toEqual(new Set(['westeurope']));
    const today = instant(Math.floor(noon / dayMs) * dayMs);
    expect(new Set(again.map(({ from }) => from))).toEqual(new Set([today]));
    expect(azure.asked.at(-1)).toEqual([today, azure.time]);
  });

  test('goes on where it was broken off', async () => {
    azure.documents = [armSetting('blue')];
    azure.measure(deployment('blue'), 'Cpu', 3);
    azure.failure = new DependencyUnavailable('log', 'it is away.');
    const fetching = fetchAll();
    await expect(fetching).rejects.toThrow(CommandFailed);
    // The list of settings is all that it has: there is nothing to go on from.
    await expect(fetching).rejects.toThrow(/it is away\.$/);
    azure.failure = undefined;
    const read = () => Promise.reject(new DependencyUnavailable('metrics', 'they are away.'));
    const metrics = { regionsOf: (all: string[]) => azure.metrics.regionsOf(all), read };
    const { events } = azure;
    const sources = { settingsIn: () => azure.settingsIn(), metrics, events, now: () => noon };
    const later = fetchHistories(request(), sources);
    await expect(later).rejects.toThrow(/they are away\. .*is kept: run it again/);
    azure.metrics.locate(deployment('blue'), 'elsewhere');
    expect((await fetchAll())[0]?.samples).toHaveLength(72);
    expect(azure.metrics.reads.map(({ region }) => region)).not.toContain('elsewhere');
    azure.documents = [armSetting('blue', 'Gpu')];
    const midnight = instant(Math.floor(noon / dayMs) * dayMs);
    const empty = fetchHistories(request({ to: midnight }), sources);
    await expect(empty).rejects.toThrow(/they are away\.$/);
  });

  test('begins no call after one has failed', async () => {
    azure.documents = Array.from({ length: 9 }, (_, at) => armSetting(`s${at}`, `Metric${at}`));
    let reads = 0;
    const read = async () => {
      if (++reads === 1) throw new DependencyUnavailable('metrics', 'they are away.');
      await new Promise(setImmediate);
      return { samples: [], refused: [], calls: 1 };
    };
    const sources = {
      settingsIn: () => azure.settingsIn(),
      metrics: { regionsOf: () => Promise.resolve(new Map<string, string>()), read },
      events: azure.events,
      now: () => noon,
    };
    await expect(fetchHistories(request(), sources)).rejects.toThrow(CommandFailed);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(reads).toBeLessThanOrEqual(3);
  });

  test('asks anew where the rules read something else', async () => {
    azure.documents = [armSetting('blue')];
    await fetchAll();
    azure.documents = [armSetting('blue', 'Gpu')];
    azure.measure(deployment('blue'), 'Gpu', 3);
    expect((await fetchAll())[0]?.samples).toHaveLength(72);
  });

  test('keeps days of before thresholds and counted actions were read: they are not fetched again', async () => {
    azure.documents = [armSetting('blue')];
    await fetchAll();
    const file = (await files()).find((name) => name.endsWith('/days.json'));
    const days = JSON.parse(await readFile(join(data, 'assess', file!), 'utf8')) as object;
    const names = Object.values(days).map(({ asked }: { asked: string }) => asked);
    expect(new Set(names)).toEqual(new Set(['7312e17ab25c7bd48964e766c8050145']));
  });

  test('is read without Azure, and says what it lacks', async () => {
    azure.documents = [armSetting('blue')];
    azure.measure(deployment('blue'), 'Cpu', 3);
    const [online] = await fetchAll();
    const offline = await cachedHistories(request());
    expect(offline.calls).toBe(0);
    expect(await listed(offline)).toEqual([online]);
    const from = after(noon, -5 * dayMs);
    const [longer] = await listed(await cachedHistories(request({ from })));
    expect(longer?.from).toBe(online?.from);
    expect(longer?.gaps).toEqual(['2026-11-15 was not fetched', '2026-11-16 was not fetched']);
    const [whole] = await listed(await historiesIn(join(data, 'assess', subscription)));
    expect(whole).toMatchObject({ settingId: online?.settingId, to: noon });
  });

  test('knows the settings of a group from those of the subscription', async () => {
    const other = { ...armSetting('x'), id: settingId('x').replace('/rg/', '/other/') };
    azure.documents = [armSetting('blue'), other];
    await fetchAll();
    const { settings } = await cachedHistories(request({ resourceGroup: 'OTHER' }));
    expect(settings).toBe(1);
  });

  test.each([
    ['nothing was fetched', () => cachedHistories(request()), /holds no settings.*--offline/],
    ['there is no folder', () => historiesIn(join(data, 'none')), /cannot be read/],
    ['it is another folder', () => historiesIn(data), /is no folder of fetched histories/],
  ])('says so where %s', async (_, read, message) => {
    await expect(read()).rejects.toThrow(CommandFailed);
    await expect(read()).rejects.toThrow(message);
  });

  test('is for its owner alone, and no name leads out of it', async () => {
    const evil = [armSetting('../../../../evil'), armSetting('..'), armSetting('a/b\\c:d\0')];
    azure.documents = evil;
    await fetchAll({ subscription: '../../out' });
    expect((await readdir(data)).sort()).toEqual(['assess']);
    const folders = await readdir(join(data, 'assess'));
    expect(folders).toHaveLength(1);
    for (const file of await files()) {
      expect(file).toMatch(/^[a-z0-9-]+\/([a-z0-9-]+\/)?[a-z0-9.-]+$/);
    }
    expect((await stat(join(data, 'assess'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(data, 'assess', (await files())[0]!))).mode & 0o777).toBe(0o600);
  });

  test('holds metric records as Azure Monitor writes them', async () => {
    azure.documents = [armSetting('blue')];
    const at = after(noon, -60 * minuteMs);
    const sample = sampleAt(deployment('blue'), 'Cpu', at, 0.1 + 0.2, [['Näme', 'a "b"']]);
    azure.metrics.put(sample);
    azure.documents = [armSetting('blue')];
    await fetchAll();
    const file = (await files()).find((name) => name.endsWith('2026-11-20.ndjson.gz'));
    const text = gunzipSync(await readFile(join(data, 'assess', file!)));
    const { samples } = decodeMetrics(text, () => true);
    expect(samples).toMatchObject([{ sample: { time: at, total: 0.1 + 0.2 } }]);
  });

  test('that was damaged is told by file and line', async () => {
    azure.documents = [armSetting('blue')];
    azure.measure(deployment('blue'), 'Cpu', 3);
    await fetchAll();
    const names = (await files()).filter((name) => /-1[89]\.ndjson\.gz$/.test(name));
    const [whole, lines] = names.map((name) => join(data, 'assess', name));
    await writeFile(whole!, 'no gzip');
    const text = gunzipSync(await readFile(lines!)).toString();
    await writeFile(lines!, text.replace('{', '['));
    const [history] = await listed(await cachedHistories(request()));
    expect(history?.samples).toHaveLength(72 - 24 - 1);
    expect(history?.gaps).toEqual([
      expect.stringMatching(/-18\.ndjson\.gz:1: /),
      expect.stringMatching(/-19\.ndjson\.gz:1: /),
    ]);
  });

  test('of which a day was deleted gets it again', async () => {
    azure.documents = [armSetting('blue')];
    azure.measure(deployment('blue'), 'Cpu', 3);
    await fetchAll();
    const day = (await files()).find((name) => name.endsWith('-18.ndjson.gz'));
    await rm(join(data, 'assess', day!));
    expect((await fetchAll())[0]?.samples).toHaveLength(72);
  });

  test.each([
    ['deleted', (file: string) => rm(file)],
    ['damaged', (file: string) => writeFile(file, 'no gzip')],
    ['damaged in a line', (file: string) => writeFile(file, gzipSync('no event\n'))],
  ])('of which the events were %s gets them again', async (_, spoil) => {
    azure.documents = [armSetting('blue')];
    azure.log = [eventAt('blue', 'MetricFailure', after(noon, -2 * dayMs))];
    await fetchAll();
    const file = (await files()).find((name) => name.endsWith('events.ndjson.gz'));
    await spoil(join(data, 'assess', file!));
    const [history] = await fetchAll();
    expect(history?.events).toHaveLength(1);
    expect(history?.gaps).not.toContainEqual(expect.stringContaining('events.ndjson.gz'));
  });
});
