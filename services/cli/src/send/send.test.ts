import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventHubConsumerClient, type ReceivedEventData } from '@azure/event-hubs';
import { instant } from '@headroom/core';
import { startLocalAzure, type LocalAzure } from '@headroom/local-azure';
import { eventHubs } from '@headroom/topology';
import { runCommandLine } from '../program.ts';
import { messageBytesMax, messageRecordsMax, messages } from './messages.ts';
import { newestEnd, readRecords, type ReadRecord } from './read-records.ts';
import { SendReport } from './report.ts';

const now = instant(Date.parse('2026-11-21T14:30:20Z'));
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headroom-send-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

function record(minute: number, more: object = {}) {
  const time = `2023-04-18T09:${String(minute).padStart(2, '0')}:00.0000000Z`;
  const resourceId = '/SUBSCRIPTIONS/S';
  return {
    count: 1,
    total: 5,
    resourceId,
    time,
    metricName: 'CpuTime',
    timeGrain: 'PT1M',
    ...more,
  };
}

describe('reading a file', () => {
  test('the newest end counts, wherever it stands', async () => {
    const records = [record(5), record(7, { timeGrain: 'PT5M' }), record(9)];
    const file = await fileOf('newest.json', JSON.stringify({ records }));
    expect(await newestEnd(file)).toBe(Date.parse('2023-04-18T09:12:00Z'));
  });

  test('a file that is much larger than a chunk', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => JSON.stringify(record(index % 60)));
    const file = await fileOf('large.ndjson', lines.join('\n'));
    const progress = { bytes: 0, totalBytes: 0 };
    let count = 0;
    for await (const { value, line } of readRecords(file, progress)) {
      count++;
      expect(value).toBeDefined();
      expect(line).toBe(count);
    }
    expect(count).toBe(20_000);
    expect(progress.bytes).toBe(progress.totalBytes);
  });
});

describe('messages', () => {
  async function packed(records: readonly object[]) {
    const report = new SendReport();
    const bodies: { records: object[] }[] = [];
    for await (const body of messages(read(records), 60_000, report)) {
      expect(body.byteLength).toBeLessThanOrEqual(messageBytesMax + 20);
      bodies.push(JSON.parse(new TextDecoder().decode(body)) as { records: object[] });
    }
    return { report, bodies };
  }
  async function* read(records: readonly object[]): AsyncGenerator<ReadRecord> {
    for (const [index, value] of records.entries()) {
      yield await Promise.resolve({ line: index + 1, text: JSON.stringify(value), value });
    }
  }

  test('hold at most so many records, in their order, with times moved', async () => {
    const { bodies, report } = await packed(
      Array.from({ length: 1_201 }, (_, n) => record(n % 59)),
    );
    expect(bodies.map(({ records }) => records.length)).toEqual([
      messageRecordsMax,
      messageRecordsMax,
      201,
    ]);
    expect(bodies[0]!.records.slice(0, 2)).toEqual([record(1), record(2)]);
    expect(report.sent).toBe(1_201);
  });

  test('hold at most so many bytes', async () => {
    const { bodies } = await packed(
      Array.from({ length: 5 }, () => record(1, { pad: 'x'.repeat(90_000) })),
    );
    expect(bodies.map(({ records }) => records.length)).toEqual([2, 2, 1]);
  });

  test('a record without a time is left out and named', async () => {
    const { bodies, report } = await packed([record(1), { metricName: 'x' }]);
    expect(bodies[0]!.records).toHaveLength(1);
    expect(report.lines('f')).toEqual([
      'f: line 2: not sent, it has no "time" like 2026-11-21T09:03:00.0000000Z',
    ]);
  });

  test('of many that are left out the first are named, the rest is counted', () => {
    const report = new SendReport();
    for (let line = 1; line <= 30; line++) report.skip(line, 'bad');
    expect(report.lines('f')).toHaveLength(21);
    expect(report.lines('f').at(-1)).toBe('f: … and 10 more');
  });
});

describe('headroom send', () => {
  const startLimitMs = 30_000;
  let azure: LocalAzure;
  beforeAll(async () => {
    azure = await startLocalAzure({ dataDir: folder });
  }, startLimitMs);
  afterAll(() => azure.close(), startLimitMs);

  async function send(...args: string[]) {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCommandLine(['send', ...args, '--data', folder], {
      env: {},
      now: () => now,
      out: (text) => out.push(text),
      err: (text) => err.push(text),
    });
    return { code, out: out.join(''), err: err.join('') };
  }

  /** The first `count` events that come to the hub from now on, while `doing` happens. */
  async function arriving(count: number, doing: () => Promise<void>): Promise<ReceivedEventData[]> {
    const { name } = eventHubs.metrics;
    const connection = azure.env.EVENTHUBS_CONNECTION_STRING;
    const client = new EventHubConsumerClient('$Default', connection, name);
    const arrived = Promise.withResolvers<ReceivedEventData[]>();
    const events: ReceivedEventData[] = [];
    const since = new Date(Date.now() - 1);
    await doing();
    const subscription = client.subscribe(
      {
        processEvents: (received) => {
          events.push(...received);
          if (events.length >= count) arrived.resolve(events);
          return Promise.resolve();
        },
        processError: (error) => {
          arrived.reject(error);
          return Promise.resolve();
        },
      },
      { startPosition: { enqueuedOn: since }, maxWaitTimeInSeconds: 1 },
    );
    try {
      return await arrived.promise;
    } finally {
      await subscription.close();
      await client.close();
    }
  }

  test('publishes what is good with its path and names what is not', async () => {
    const good = [record(3), record(4)].map((one) => JSON.stringify(one));
    const file = await fileOf(
      'export.ndjson',
      [good[0], '{"broken": ', good[1], 'what?'].join('\n'),
    );
    const [event] = await arriving(1, async () => {
      const { code, out, err } = await send(file);
      expect(code).toBe(0);
      expect(out).toBe(
        'sent 2 records in 1 messages to metrics (path export), skipped 2; times are 1313 d 5 h later\n',
      );
      expect(err.split('\n').map((line) => line.replace(folder, ''))).toEqual([
        '/export.ndjson: line 2: not sent, the line ends in the middle of it',
        '/export.ndjson: line 4: not sent, it is no JSON object',
        '',
      ]);
    });
    expect(event!.properties).toMatchObject({ path: 'export' });
    const { records } = bodyOf(event!);
    expect(records.map(({ time }) => time)).toEqual([
      '2026-11-21T14:28:00.0000000Z',
      '2026-11-21T14:29:00.0000000Z',
    ]);
  });

  test('--keep-times and --path', async () => {
    const file = await fileOf('keep.json', JSON.stringify([{ records: [record(3)] }]));
    const [event] = await arriving(1, async () => {
      const { out } = await send(file, '--keep-times', '--path', 'poll');
      expect(out).toBe('sent 1 records in 1 messages to metrics (path poll)\n');
    });
    expect(event!.properties).toMatchObject({ path: 'poll' });
    expect(bodyOf(event!).records).toEqual([record(3)]);
  });

  test.each([
    ['nothing in it', '', 'holds no record with a time'],
    ['malformed JSON', '{"records": [', 'holds no record with a time'],
  ])('a file with %s', async (_, text, message) => {
    const { code, err } = await send(await fileOf('bad.json', text));
    expect(code).toBe(1);
    expect(err).toContain(message);
  });

  test('a file that is not there', async () => {
    const { code, err } = await send(join(folder, 'none.json'));
    expect(code).toBe(1);
    expect(err).toContain('none.json cannot be read: ENOENT');
  });
});

function bodyOf(event: ReceivedEventData): { records: { time: string }[] } {
  const body: unknown = event.body;
  return (Buffer.isBuffer(body) ? JSON.parse(body.toString()) : body) as {
    records: { time: string }[];
  };
}
