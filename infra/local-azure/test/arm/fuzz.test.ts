import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { TestArm } from './server.fixture.ts';
import { startTestArm, SUBSCRIPTION, TOKEN } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(60_000);

const RUNS = 200;
const failures: unknown[] = [];
let arm: TestArm;
beforeAll(async () => {
  arm = await startTestArm({ onFailure: (error) => failures.push(error) });
});
afterAll(() => arm.close());

const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`;
const ml = `${group}/providers/Microsoft.MachineLearningServices/workspaces`;
const ai = `${group}/providers/Microsoft.CognitiveServices/accounts`;
const setting = `${group}/providers/Microsoft.Insights/autoscalesettings/s`;
const subscription = `/subscriptions/${SUBSCRIPTION}/providers`;

/** Paths with what they take: a body that fits, so that mutations get past the first check. */
const targets: readonly (readonly [string, string, unknown])[] = [
  ['2021-04-01', group, { location: 'a', tags: { a: 'b' } }],
  ['2021-04-01', `${group}/resources`, undefined],
  ['2022-10-01', `${ml}/w`, { location: 'a' }],
  ['2022-10-01', `${ml}/w/onlineEndpoints/e`, { location: 'a', properties: { authMode: 'Key' } }],
  [
    '2022-10-01',
    `${ml}/w/onlineEndpoints/e/deployments/d`,
    { location: 'a', sku: { name: 'Default', capacity: 2 }, properties: { properties: {} } },
  ],
  ['2025-09-01', `${ai}/a`, { location: 'a', kind: 'OpenAI', sku: { name: 'S0' }, properties: {} }],
  [
    '2025-09-01',
    `${ai}/a/deployments/d`,
    {
      sku: { name: 'Standard', capacity: 2 },
      properties: { model: { format: 'OpenAI', name: 'gpt-4o', version: '2024-11-20' } },
    },
  ],
  ['2025-09-01', `${ai}/a/regenerateKey`, { keyName: 'Key1' }],
  ['2025-09-01', `${subscription}/Microsoft.CognitiveServices/modelCapacities`, undefined],
  ['2025-09-01', `${subscription}/Microsoft.CognitiveServices/locations/l/usages`, undefined],
  [
    '2022-10-01',
    setting,
    { location: 'a', properties: { profiles: [{ name: 'p', capacity: {}, rules: [{}] }] } },
  ],
  ['2024-02-01', `${setting}/providers/Microsoft.Insights/metrics`, undefined],
  ['2024-02-01', `${setting}/providers/Microsoft.Insights/metricDefinitions`, undefined],
  ['2024-02-01', `/subscriptions/${SUBSCRIPTION}/metrics:getBatch`, { resourceids: [setting] }],
  [
    '',
    `${setting}/metrics`,
    {
      time: new Date().toISOString(),
      data: {
        baseData: {
          metric: 'm',
          namespace: 'n',
          dimNames: ['a'],
          series: [{ dimValues: ['b'], min: 1, max: 1, sum: 1, count: 1 }],
        },
      },
    },
  ],
  ['2015-04-01', `${subscription}/Microsoft.Insights/eventtypes/management/values`, undefined],
  ['', '/local/control/putMetrics', { samples: [] }],
];

const awkward = fc.oneof(
  fc.constantFrom('', '%', '%00', '%E0%A4', '..', '/', "'", '__proto__', 'constructor', '💥', '*'),
  fc.string({ maxLength: 30 }),
);
const queryNames = [
  ...['$filter', 'filter', 'timespan', 'starttime', 'endtime', 'interval', 'metricnames'],
  ...['aggregation', 'top', '$top', 'orderby', 'metricnamespace', '$skiptoken', '$select'],
  ...['modelFormat', 'modelName', 'modelVersion', 'resultType', 'AutoAdjustTimegrain'],
];
const queryValues = fc.oneof(
  awkward,
  fc.constantFrom(
    ...['CpuUtilizationPercentage', 'ObservedCapacity', 'average', 'average desc', 'PT1M', 'FULL'],
    ...["A eq 'b'", "A eq '*' and B eq 'c' or B eq 'd'", '0', '-1', '1e99', 'P1D', 'P999999999D'],
    ...["eventTimestamp ge '2026-01-01'", '2026-01-01/9999-12-31', '0001-01-01/0002-01-01'],
    `${new Date(Date.now() - 3_600_000).toISOString()}/${new Date().toISOString()}`,
  ),
);
const method = fc.constantFrom('GET', 'PUT', 'PATCH', 'DELETE', 'POST', 'HEAD', 'OPTIONS');
const version = fc.constantFrom(undefined, undefined, undefined, '', '2001-01-01', 'x');

/** The value with one of its parts replaced by something else. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null) return fc.jsonValue();
  const keys = Object.keys(value);
  if (keys.length === 0) return fc.jsonValue();
  return fc.oneof(
    fc.constant(value),
    fc.jsonValue(),
    fc
      .tuple(fc.constantFrom(...keys), fc.jsonValue())
      .map(([key, part]) => replaced(value, key, part)),
    fc.constantFrom(...keys).chain((key) => {
      const part = (value as Record<string, unknown>)[key];
      return mutated(part).map((changed) => replaced(value, key, changed));
    }),
  );
}

function replaced(value: object, key: string, part: unknown): unknown {
  if (!Array.isArray(value)) return { ...value, [key]: part };
  return value.map((each: unknown, index) => (String(index) === key ? part : each));
}

const request = fc.constantFrom(...targets).chain(([apiVersion, path, body]) =>
  fc.record({
    method,
    path: fc.oneof(
      fc.constant(path),
      fc.tuple(fc.nat(12), awkward).map(([at, segment]) => {
        return path.split('/').toSpliced(at, 1, segment).join('/');
      }),
    ),
    version: version.map((given) => given ?? apiVersion),
    query: fc.array(fc.tuple(fc.constantFrom(...queryNames), queryValues), { maxLength: 4 }),
    body: mutated(body).map((value) => JSON.stringify(value)),
    cut: fc.option(fc.nat(40)),
    header: fc.constantFrom('x-ms-correlation-request-id', 'host', 'if-match', 'content-type'),
    headerValue: fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
  }),
);

test('requests of any shape are answered, and none by 500', async () => {
  const known = new Set<number>();
  // As they are, some get through: were all refused at the door, nothing behind it would be tried.
  for (const [apiVersion, path, body] of targets) {
    for (const each of ['PUT', 'GET']) {
      known.add((await arm.send(each, `${path}?api-version=${apiVersion}`, body)).status);
    }
  }
  expect([...known]).toEqual(expect.arrayContaining([200, 201]));
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      const query = new URLSearchParams([['api-version', given.version], ...given.query]);
      const path = encodeURI(given.path).replaceAll('%25', '%');
      const text = given.cut === null ? given.body : given.body.slice(0, given.cut);
      const headers = { [given.header]: given.headerValue };
      const { status } = await arm.send(given.method, `${path}?${query.toString()}`, text, headers);
      expect(status).not.toBe(500);
      expect(failures).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test.each([
  ['deeply nested', '{"a":'.repeat(100_000)],
  ['deeply nested and whole', '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)],
  ['of deep lists', `{"location":"a","properties":${'['.repeat(9000)}${']'.repeat(9000)}}`],
  ['no object', '[]'],
  ['no JSON', '\u0000'],
])('a body that is %s is refused', async (_name, body) => {
  const answer = await arm.send('PUT', `${setting}?api-version=2022-10-01`, body);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'InvalidRequestContent' } } });
});

test('a body above the limit is refused', async () => {
  const body = `{"a":"${'x'.repeat(4 * 1024 * 1024)}"}`;
  const answer = await arm.send('PUT', `${setting}?api-version=2022-10-01`, body);
  expect(answer).toMatchObject({
    status: 413,
    body: { error: { code: 'RequestContentTooLarge' } },
  });
});

test('bytes that are no HTTP end the connection, and nothing else', async () => {
  const ca = readFileSync(arm.server.caFile);
  const bytes = ['\r\n\r\n', 'GET', 'GET / HTTP/9.9\r\n\r\n', '\u0016\u0003', 'A'.repeat(70_000)];
  for (const text of bytes) {
    const socket = connect({ host: '127.0.0.1', port: arm.server.port, ca });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    socket.end(text);
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
  }
  const target = `${group}?api-version=2021-04-01`;
  const answer = await arm.send('GET', target, undefined, { authorization: `Bearer ${TOKEN}` });
  expect([200, 404]).toContain(answer.status);
});
