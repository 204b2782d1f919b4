import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { connectHistory, ListingRefused } from '@headroom/azure-monitor';
import type { MonitorOptions } from '@headroom/azure-monitor';
import { after, instant, minuteMs } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { AutoscaleEvent, Clock } from '@headroom/ports';
import { useLocalAzure } from './local-azure.ts';

const azure = useLocalAzure();
const control = () => azure.current().control;
type Entry = Parameters<ReturnType<typeof control>['putActivityEvents']>[0][number];
afterEach(() => control().clearFaults());

const start = instant(Date.now() - 20 * 86_400_000);
const at = (minutes: number) => after(start, minutes * minuteMs);
const target = '/subscriptions/s/resourceGroups/RG/providers/Microsoft.Web/serverFarms/Plan';

/** Waits take no time. */
const waits: number[] = [];
const clock: Clock = {
  now: () => instant(Date.now()),
  monotonicMs: () => 0,
  wait: (ms) => Promise.resolve(void waits.push(ms)),
};

/** A subscription that no other test knows. */
class Subscription {
  readonly id = randomUUID();
  readonly told: unknown[] = [];
  readonly setting = `/subscriptions/${this.id}/resourceGroups/rg/providers/microsoft.insights/autoscalesettings/Cpu`;

  put(...entries: (Partial<Entry> & { readonly minute: number })[]): void {
    control().putActivityEvents(
      entries.map(({ minute, ...entry }) => ({
        ...{ timeMs: at(minute), resourceId: this.setting, category: 'Autoscale' },
        ...{ operationName: operation('Scaleup'), status: 'Succeeded', correlationId: 'run' },
        ...entry,
      })),
    );
  }

  async events(fromMinute = 0, toMinute = 60, scope: { resourceGroup?: string } = {}) {
    return (await this.answer(fromMinute, toMinute, scope)).events;
  }

  answer(fromMinute = 0, toMinute = 60, scope: { resourceGroup?: string } = {}) {
    const { env } = azure.current();
    const ca = readFileSync(env.NODE_EXTRA_CA_CERTS, 'utf8');
    const access: MonitorOptions = { endpoint: env.ARM_ENDPOINT, token: env.ARM_TOKEN, ca };
    const log = { info: this.#tell, warn: this.#tell, error: this.#tell };
    const history = connectHistory(access, clock, log);
    return history.events({ subscription: this.id, ...scope }, at(fromMinute), at(toMinute));
  }

  readonly #tell = (event: string, fields?: object): void =>
    void this.told.push({ event, ...fields });
}

const operation = (name: string): string => `Microsoft.Insights/AutoscaleSettings/${name}/Action`;
const counts = (from: unknown, to: unknown) => ({
  OldInstancesCount: from as string,
  NewInstancesCount: to as string,
});
/** `ScaleStarted 3→4` */
const kinds = (events: readonly AutoscaleEvent[]): string[] =>
  events.map(({ kind, from, to }) => (from === undefined ? kind : `${kind} ${from}→${to}`));

describe("autoscale's entries of the activity log", () => {
  test('are what the engine did, in the order of time', async () => {
    const sub = new Subscription();
    const profile = JSON.stringify({ Name: 'Weekdays', Rules: [] });
    const of = { ResourceName: target, ActiveAutoscaleProfile: profile };
    sub.put(
      {
        minute: 5,
        operationName: operation('ScaleupResult'),
        eventName: 'GetOperationStatusResult',
        properties: counts('3', '4'),
      },
      {
        minute: 1,
        eventName: 'AutoscaleAction',
        description: 'it scales',
        properties: { ...of, ...counts('3', '4') },
      },
    );
    expect(await sub.events()).toEqual([
      {
        at: at(1),
        setting: sub.setting.toLowerCase(),
        target: target.toLowerCase(),
        kind: 'ScaleStarted',
        ...{ from: 3, to: 4, profile: 'Weekdays', correlationId: 'run', description: 'it scales' },
        activeProfile: profile,
      },
      expect.objectContaining({ at: at(5), kind: 'ScaleSucceeded', from: 3, to: 4, target: '' }),
    ]);
  });

  test.each<[string, Partial<Entry>, string]>([
    [
      'a failed end',
      { operationName: operation('ScaledownResult'), status: 'Failed' },
      'ScaleFailed',
    ],
    ['a failed begin', { eventName: 'AutoscaleAction', status: 'Failed' }, 'ScaleFailed'],
    [
      'a metric',
      { operationName: 'x', eventName: 'MetricFailure', status: 'Failed' },
      'MetricFailure',
    ],
    ['a metric again', { operationName: operation('MetricRecovery') }, 'MetricRecovery'],
    ['flapping', { operationName: operation('Flapping'), eventName: 'Flapping' }, 'Flapping'],
    [
      'flapping, adjusted',
      { operationName: operation('Flapping'), eventName: 'FlappingOccurred' },
      'FlappingAdjusted',
    ],
    [
      'a forecast',
      { operationName: operation('PredictiveScaleup'), eventName: 'AutoscaleAction' },
      'PredictiveScale',
    ],
  ])('%s', async (_, entry, kind) => {
    const sub = new Subscription();
    sub.put({ minute: 1, ...entry });
    expect(kinds(await sub.events())).toEqual([kind]);
  });

  test.each<[string, Partial<Entry>]>([
    ['texts', { properties: counts('6', '4') }],
    ['numbers', { properties: counts(6, 4) }],
    ['in a JSON text', { properties: { eventProperties: JSON.stringify(counts(6, 4)) } }],
    [
      'in a sentence',
      {
        description:
          "attempting to scale resource '/x' from 6 instances count to 4 instancescount.",
      },
    ],
    [
      'in a sentence about flapping',
      {
        description:
          "Current instance count: '6', \n Intended new instance count: '1'.\n Actual new instance count: '4'",
      },
    ],
  ])('counts are read from %s', async (_, entry) => {
    const sub = new Subscription();
    sub.put({ minute: 1, ...entry });
    expect(kinds(await sub.events())).toEqual(['ScaleStarted 6→4']);
  });

  test.each<[string, readonly (readonly [Entry['status'], operation: string])[]]>([
    [
      'a success of the begin is the begin',
      [
        ['Succeeded', 'Scaleup'],
        ['Succeeded', 'ScaleupResult'],
      ],
    ],
    [
      'a success of what was started is its end',
      [
        ['Started', 'Scaleup'],
        ['Succeeded', 'Scaleup'],
      ],
    ],
    [
      'an end of its own counts for more',
      [
        ['Started', 'Scaleup'],
        ['Succeeded', 'Scaleup'],
        ['Succeeded', 'ScaleupResult'],
      ],
    ],
    [
      'copies are one',
      [
        ['Succeeded', 'Scaleup'],
        ['Succeeded', 'Scaleup'],
        ['Started', 'ScaleupResult'],
        ['Succeeded', 'ScaleupResult'],
        ['Succeeded', 'ScaleupResult'],
      ],
    ],
  ])('one action has one begin and one end: %s', async (_, entries) => {
    const sub = new Subscription();
    sub.put(
      ...entries.map(([status, name], minute) => ({
        ...{ minute, status, operationName: operation(name), properties: counts('1', '2') },
      })),
    );
    expect(kinds(await sub.events())).toEqual(['ScaleStarted 1→2', 'ScaleSucceeded 1→2']);
  });

  test('that nobody knows are passed over and counted; others are no concern', async () => {
    const sub = new Subscription();
    sub.put(
      { minute: 1, operationName: operation('Dance'), eventName: 'Dance' },
      { minute: 2, operationName: operation('Dance'), eventName: 'Dance' },
      {
        minute: 3,
        operationName: 'Microsoft.Insights/autoscaleSettings/write',
        category: 'Administrative',
      },
      { minute: 4, properties: counts('1', '2') },
    );
    expect(kinds(await sub.events())).toEqual(['ScaleStarted 1→2']);
    expect(sub.told).toEqual([{ event: 'autoscale-history.passed-over', entries: { dance: 2 } }]);
  });

  test('come from every page and every week, of [from, to) and of the group alone', async () => {
    const sub = new Subscription();
    const other = { resourceId: sub.setting.replace('/rg/', '/other/') };
    const minutes = Array.from({ length: 450 }, (_, index) => index * 50);
    sub.put(...minutes.map((minute) => ({ minute, correlationId: `run ${minute}` })));
    sub.put({ minute: 60, ...other });
    const all = await sub.events(50, 450 * 50);
    expect(all.filter(({ setting }) => setting.includes('/rg/')).map((each) => each.at)).toEqual(
      minutes.slice(1).map(at),
    );
    expect(await sub.events(50, 100)).toHaveLength(2);
    expect(await sub.events(50, 100, { resourceGroup: 'OTHER' })).toMatchObject([
      { setting: other.resourceId.toLowerCase() },
    ]);
  });

  test('older than Azure keeps them are not asked for', async () => {
    const sub = new Subscription();
    sub.put({ minute: 1 });
    expect(await sub.events(-100 * 1440, 5)).toHaveLength(1);
  });
});

describe('the activity log', () => {
  const path = '/subscriptions/*/eventtypes/management/values';

  test('is waited for, page by page', async () => {
    const sub = new Subscription();
    const minutes = Array.from({ length: 250 }, (_, index) => index);
    sub.put(...minutes.map((minute) => ({ minute, correlationId: `run ${minute}` })));
    waits.length = 0;
    control().injectFault({ path, status: 429, retryAfterSeconds: 5 });
    const { events, calls } = await sub.answer(0, 250);
    expect(events).toHaveLength(250);
    // Of the embedded Azure a hundred entries each; the repetition is none.
    expect(calls).toBe(3);
    expect(waits).toEqual([5000]);
  });

  test('that may not be read says which right is missing', async () => {
    control().injectFault({ path, status: 403, code: 'AuthorizationFailed', message: 'no' });
    const reading = new Subscription().events();
    await expect(reading).rejects.toThrow(ListingRefused);
    await expect(reading).rejects.toThrow(/The activity log of .* Monitoring Reader is missing/);
  });

  test('that does not answer is unavailable', async () => {
    control().injectFault({ path, status: 503, retryAfterSeconds: 500, times: 20 });
    await expect(new Subscription().events()).rejects.toThrow(DependencyUnavailable);
  });
});
