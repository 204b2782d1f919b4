import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { after, instant, minuteMs } from '@headroom/core';
import type { AutoscaleSetting } from '@headroom/core';
import { readAutoscaleSetting } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { armSetting, deployment, sampleAt } from './history.fixture.ts';
import { readSamples } from './read-samples.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headroom-samples-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const start = instant(Date.UTC(2026, 10, 20, 9));
const at = (minutes: number) => after(start, minutes * minuteMs);
const blue = deployment('blue');

function settingOf(document: unknown): AutoscaleSetting {
  const parsed = readAutoscaleSetting(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}
const setting = settingOf(armSetting('blue'));

async function read(content: string | Buffer, of = setting) {
  const file = join(folder, 'load.csv');
  await writeFile(file, content);
  return readSamples(file, of);
}
const rows = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

describe('a file of samples', () => {
  test.each([
    [
      'long',
      rows('time,metric,value', '2026-11-20T09:01:00Z,CPU,12.5', '2026-11-20T09:00:00Z,cpu,7'),
    ],
    ['wide', rows('time,Cpu', '2026-11-20T09:01:00Z,12.5', '2026-11-20T09:00:00Z,7')],
    [
      'with a zone and spaces',
      rows('TIME , cpu', '2026-11-20 10:01+01:00 , 12.5', '2026-11-20T10:00:00+0100,7'),
    ],
    [
      'in seconds and milliseconds since 1970',
      rows('time,Cpu', `${at(1) / 1000},12.5`, `${at(0)},7`),
    ],
    [
      'with a mark of its encoding and without some values',
      rows('\uFEFFtime,Cpu', `${at(0)},7`, `${at(0.5)},`, '', `${at(1)},12.5`),
    ],
    ['with columns that no rule reads', rows('time,Note,Cpu', `${at(0)},x,7`, `${at(1)},y,12.5`)],
    [
      'naming resources',
      rows(
        'time,resource,metric,value',
        `${at(0)},${blue.toUpperCase()}/,Cpu,7`,
        `${at(1)},${blue},Cpu,12.5`,
      ),
    ],
    [
      'of records',
      rows(
        ...[
          [0, 7],
          [1, 12.5],
        ].map(([minute, average]) =>
          JSON.stringify({
            resourceId: blue,
            metricName: 'Cpu',
            time: new Date(at(minute!)).toISOString(),
            timeGrain: 'PT1M',
            average,
          }),
        ),
      ),
    ],
  ])('%s', async (_, content) => {
    const expected = [sampleAt(blue, 'Cpu', at(0), 7), sampleAt(blue, 'Cpu', at(1), 12.5)];
    expect(await read(content)).toEqual({ samples: expected, capacities: [] });
    expect((await read(gzipSync(content))).samples).toEqual(expected);
  });

  test('has the grain of its rows, and a minute where there is one row', async () => {
    const hours = await read(rows('time,Cpu', ...[0, 60, 180].map((minute) => `${at(minute)},1`)));
    expect(hours.samples.map(({ grainMs }) => grainMs / minuteMs)).toEqual([60, 60, 60]);
    expect((await read(rows('time,Cpu', `${at(0)},1`))).samples[0]?.grainMs).toBe(minuteMs);
  });

  test('has the instances of its column capacity', async () => {
    const counts = [3, 3, 4, '', 4, 2].map((count, minute) => `${at(minute)},50,${count}`);
    expect((await read(rows('time,Cpu,capacity', ...counts))).capacities).toEqual([
      { at: at(0), instances: 3 },
      { at: at(2), instances: 4 },
      { at: at(5), instances: 2 },
    ]);
  });
});

describe('what is wrong with a file is named by line and column', () => {
  const good = `${at(0)},1`;
  test.each([
    [
      'a time',
      rows('time,Cpu', good, 'yesterday,1'),
      'load.csv:3: time: expected an instant such as 2026-11-28T09:30:00Z, not "yesterday"',
    ],
    [
      'a local time',
      rows('time,Cpu', '2026-11-20T09:00:00,1'),
      'load.csv:2: time: expected an instant',
    ],
    [
      'a value',
      rows('time,Cpu', good, `${at(1)},many`),
      'load.csv:3: Cpu: expected a number, not "many"',
    ],
    [
      'a capacity',
      rows('time,Cpu,capacity', `${at(1)},1,1.5`),
      'load.csv:2: capacity: expected a number of instances',
    ],
    [
      'a header',
      rows('when,Cpu', good),
      'load.csv:1: the header is "when,Cpu": expected time,metric,value',
    ],
    [
      'a row that is too long',
      rows('time,Cpu', good, `${at(1)},2,3`),
      'load.csv:3: Invalid Record Length',
    ],
    [
      'metrics that no rule reads',
      rows('time,Memory,Gpu', `${at(1)},2,3`),
      'load.csv:1: no rule reads Memory, Gpu: the setting reads Cpu',
    ],
    [
      'a record',
      rows(`{"resourceId":"${blue}","metricName":"Cpu","average":1}`),
      'load.csv:1: time',
    ],
    [
      'a control character',
      rows('time,Cpu', `${at(1)},\u001b[2J`),
      'load.csv:2: Cpu: expected a number, not "\\u001b[2J"',
    ],
    ['nothing in it', '', 'holds no sample'],
  ])('%s', async (_, content, message) => {
    const reading = read(content);
    await expect(reading).rejects.toThrow(CommandFailed);
    await expect(reading).rejects.toThrow(message);
  });

  test('each of the first ten, and how many more', async () => {
    const bad = Array.from({ length: 15 }, (_, minute) => `${at(minute)},?`);
    await expect(read(rows('time,Cpu', ...bad))).rejects.toThrow(/load\.csv:11: .*\nand 5 more$/s);
  });

  test('however many there are', async () => {
    const reading = read(`{}\n${'{}\n\n'.repeat(100_000)}`);
    await expect(reading).rejects.toThrow(/and 99991 more$/);
  });

  test('a metric of several resources needs the column', async () => {
    const both = structuredClone(armSetting('blue')) as ReturnType<typeof armSetting> & {
      properties: { profiles: { rules: { metricTrigger: { metricResourceUri: string } }[] }[] };
    };
    const { rules } = both.properties.profiles[0]!;
    const other = structuredClone(rules[0]!);
    other.metricTrigger.metricResourceUri = deployment('green');
    rules.push(other);
    await expect(read(rows('time,Cpu', good, `${at(1)},2`), settingOf(both))).rejects.toThrow(
      'load.csv:2: Cpu: rules read it of 2 resources: add a column resource',
    );
  });

  test('a file that is not there', async () => {
    await expect(readSamples(join(folder, 'none'), setting)).rejects.toThrow(
      /cannot be read: ENOENT/,
    );
  });
});

test('whatever is in a file, it is read or refused in words', async () => {
  const line = fc.oneof(fc.string(), fc.constant(`${at(0)},1`), fc.constant('time,Cpu'));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (lines) => {
      await read(rows(...lines)).catch((error: unknown) => {
        expect(error).toBeInstanceOf(CommandFailed);
      });
    }),
    { numRuns: 50 },
  );
});
