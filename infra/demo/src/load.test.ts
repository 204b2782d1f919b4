import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import { demoDeployment } from './deployment.ts';
import { instanceCpuPercent, loadOf } from './load.ts';
import { encodeRecords, metricRecords } from './records.ts';
import { parseTraffic, trafficOf } from './traffic.ts';

describe('load follows requests per ready instance', () => {
  test.each([
    // requests/s, instances, CPU %, latency ms
    [0, 2, 3, 120],
    [10, 2, 51.5, 240],
    [17, 2, 85.45, 800],
    [17, 4, 44.225, 208.7],
    [40, 2, 100, 4000],
  ])('%d requests/s on %d instances: %d %% CPU, %d ms', (requests, instances, cpu, latency) => {
    const load = loadOf(requests, instances);
    expect(load.cpuPercent).toBeCloseTo(cpu, 2);
    expect(load.latencyMs).toBeCloseTo(latency, 1);
  });

  test('instances differ a little, the same way each time, and stay within 0 and 100', () => {
    const load = loadOf(40, 2);
    const values = Array.from({ length: 50 }, (_, grain) => instanceCpuPercent(load, 1, grain));
    expect(new Set(values).size).toBeGreaterThan(10);
    expect(Math.max(...values)).toBeLessThanOrEqual(100);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(95);
    expect(instanceCpuPercent(load, 1, 7)).toBe(values[7]);
  });
});

describe('records have the form of diagnostic settings', () => {
  const records = metricRecords(demoDeployment, loadOf(17, 2), instant(1_800_000_005_000));

  test('one CPU record an instance on the deployment, the endpoint carries the rest', () => {
    expect(
      records.map(({ metricName, instanceId, deployment }) => [
        metricName,
        instanceId ?? deployment,
      ]),
    ).toEqual([
      ['CpuUtilizationPercentage', 'blue-0'],
      ['CpuUtilizationPercentage', 'blue-1'],
      ['RequestLatency', 'blue'],
      ['RequestsPerMinute', 'blue'],
    ]);
    expect(records[0]!.resourceId).toMatch(/\/ONLINEENDPOINTS\/CHAT\/DEPLOYMENTS\/BLUE$/);
    expect(records[2]!.resourceId).toMatch(/\/ONLINEENDPOINTS\/CHAT$/);
  });

  test('times have 7 digits of a second; total is average times count', () => {
    const [cpu] = records;
    expect(cpu).toMatchObject({ time: '2027-01-15T08:00:05.0000000Z', timeGrain: 'PT5S' });
    expect(cpu!.total).toBeCloseTo(cpu!.average * cpu!.count, 2);
    expect(cpu!.minimum).toBeLessThan(cpu!.average);
    expect(JSON.parse(new TextDecoder().decode(encodeRecords(records)))).toEqual({ records });
  });
});

describe('traffic', () => {
  const traffic = trafficOf(parseTraffic('second,requests_per_s\n0,10\n10,20\n20,10\n'));

  test.each([
    [0, 10],
    [5_000, 15],
    [10_000, 20],
    [19_000, 11],
    [20_000, 10],
    [25_000, 15],
  ])('after %d ms: %d requests/s', (elapsedMs, requests) => {
    expect(traffic(elapsedMs)).toBeCloseTo(requests, 6);
  });

  test.each([
    ['second,requests_per_s\n0,10\n5,x\n', 'line 3: two numbers, not "5,x"'],
    ['second,requests_per_s\n0,10\n0,11\n', 'line 3: seconds must grow'],
  ])('a broken sample is refused: %j', (csv, message) => {
    expect(() => parseTraffic(csv)).toThrow(message);
  });
});
