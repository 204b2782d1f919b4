import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMetrics } from './decode.ts';
import { readBody } from './read-body.ts';
import { scanBody, ScanMemory } from './scan-body.ts';

// The scanner and the oracle read every message alike, or the scanner leaves it to the oracle.

/** JSON text with whatever spaces JSON allows. */
const spaces = fc.constantFrom('', '', '', ' ', '\t', '  ', '\r\n', '\n');
/** NDJSON keeps a document on its line. */
const blanks = fc.constantFrom('', '', ' ', '\t');
const plainText = fc.stringMatching(/^[ -!#-[\]-~]{0,12}$/).map((text) => JSON.stringify(text));
const anyText = fc.string({ unit: 'binary', maxLength: 6 }).map((text) => JSON.stringify(text));

/** A message is read by the scanner only if all of its records are good: bad ones must be rare. */
const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 60, arbitrary: good }, { weight: 1, arbitrary: bad });

const numberText = mostly(
  fc.oneof(
    fc.integer({ min: -1000, max: 100_000 }).map(String),
    fc.integer({ min: -999, max: 99_999 }).map((n) => String(n / 128)),
    fc.constantFrom('0', '-0', '0.5', '77.33333333333333', '12345678901234567890'),
  ),
  fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom('1e3', '1E400', '9'.repeat(400)),
    fc.constantFrom('01', '1.', '.5', '-', '+1', '1e', 'NaN', '-01', '1.e1'),
  ),
);

const resources = mostly(
  fc.constantFrom(
    '/SUBSCRIPTIONS/A/DEPLOYMENTS/BLUE',
    '/subscriptions/a/deployments/blue/',
    '/subscriptions/b',
    '/subscriptions/c',
    '/SUBSCRIPTIONS/D',
  ),
  fc.constantFrom('/', ''),
);
const oddValue = fc.oneof(
  fc.constantFrom('null', 'true', '[]', '{}', '"\\u0041"', '"\\""', '7', '"x\ty"', '{"a":[1]}'),
  anyText,
);

const times = fc.constantFrom(
  '2026-11-21T09:03:00.1234567Z',
  '2026-11-21T09:03:00Z',
  '2026-11-21T10:03:00+01:00',
);

type Member = readonly [name: string, value: string];
const quoted = (text: string): string => JSON.stringify(text);

const known: fc.Arbitrary<readonly Member[]> = fc
  .record(
    {
      resourceId: resources.map(quoted),
      metricName: mostly(fc.constantFrom('Cpu', 'Latency', 'CPU', 'Rps'), fc.constant('')).map(
        quoted,
      ),
      time: mostly(times, fc.constantFrom('2026-13-01T00:00:00Z', 'now')).map(quoted),
      timeGrain: mostly(fc.constantFrom('PT1M', 'PT5S', 'P1D'), fc.constant('PT0S')).map(quoted),
      count: numberText,
      total: numberText,
      minimum: numberText,
      maximum: numberText,
      average: numberText,
    },
    { requiredKeys: ['resourceId', 'metricName', 'time', 'timeGrain', 'average'] },
  )
  .map((record) => Object.entries(record));

const dimensionNames = mostly(
  fc.constantFrom('Host', 'Zone', 'unit', '__proto__', '12', 'region', 'Average Rate'),
  fc.constantFrom('host', 'a=b', '', 'Average'),
);
const dimensions: fc.Arbitrary<readonly Member[]> = fc.array(
  fc.tuple(dimensionNames, mostly(plainText, oddValue)),
  { maxLength: 3 },
);
/** Overwrites, repeats and strangers. */
const mischief = mostly<readonly Member[]>(
  fc.constant([]),
  fc.array(
    fc.tuple(
      fc.constantFrom('count', 'time', 'metricName', 'records', 'Total', 'category', 'dimension'),
      oddValue,
    ),
    { maxLength: 2 },
  ),
);
/** A member that is left out. */
const left = mostly(
  fc.constant(''),
  fc.constantFrom('metricName', 'resourceId', 'time', 'average'),
);

function objectText(members: readonly Member[], space: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const gaps = fc.array(space, {
    minLength: 4 * members.length + 1,
    maxLength: 4 * members.length + 1,
  });
  return gaps.map((gap) => {
    const parts = members.map(([name, value], at) => {
      const [a = '', b = '', c = '', d = ''] = gap.slice(4 * at);
      return `${a}${quoted(name)}${b}:${c}${value}${d}`;
    });
    return `{${parts.join(',')}${members.length === 0 ? (gap[0] ?? '') : ''}}`;
  });
}

function recordText(space: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(known, dimensions, mischief, left)
    .chain(([fixed, named, odd, out]) =>
      fc.shuffledSubarray([...fixed.filter(([name]) => name !== out), ...named, ...odd], {
        minLength: fixed.length - 1 + named.length + odd.length,
      }),
    )
    .chain((members) => objectText(members, space));
}

function documentText(space: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const record = mostly(
    recordText(space),
    fc.constantFrom('{}', '7', 'null', '[{}]', '{"category":"x"}', ''),
  );
  const list = fc
    .tuple(fc.array(record, { maxLength: 6 }), space)
    .map(([records, gap]) => `[${gap}${records.join(`,${gap}`)}${gap}]`);
  const extra = fc.constantFrom(
    '',
    ',"PartitionId":1',
    ',"EventProcessedUtcTime":"x" ',
    ',"records":[]',
  );
  const envelope = fc
    .tuple(list, space, extra)
    .map(([records, gap, more]) => `{${gap}"records"${gap}:${gap}${records}${more}}`);
  const envelopes = fc.array(envelope, { maxLength: 3 }).map((texts) => `[${texts.join(',')}]`);
  return fc.oneof(recordText(space), list, envelope, envelopes);
}

const lines = fc
  .tuple(
    fc.array(documentText(blanks), { minLength: 2, maxLength: 4 }),
    fc.constantFrom('\n', '\r\n', '\n\n'),
  )
  .map(([documents, newline]) => documents.join(newline) + newline);
const body = fc.oneof(documentText(spaces), documentText(fc.constant('')), lines);
const wantedBits = fc.integer({ min: 0, max: 3 });

const changes = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '0',
  '9',
  '-',
  '.',
  ' ',
  '\n',
  '\u0001',
  'x',
  '\u007f',
];

describe('scanner and oracle', () => {
  test('read a message alike', () => {
    let samples = 0;
    // What was kept of the messages before changes nothing.
    const memory = new ScanMemory();
    fc.assert(
      fc.property(body, wantedBits, (text, bits) => {
        const wanted = (high: number): boolean => (high & bits) === 0;
        const bytes = Buffer.from(text);
        const fast = scanBody(bytes, wanted);
        expect(scanBody(bytes, wanted, memory)).toEqual(fast);
        if (fast === undefined) return;
        expect(fast).toEqual(readBody(bytes, wanted));
        samples += fast.samples.length;
      }),
      { numRuns: 2000 },
    );
    // The property says something: the scanner did not leave all of them alone.
    expect(samples).toBeGreaterThan(100);
  });

  test('read a message alike after any byte of it was changed', () => {
    const memory = new ScanMemory();
    const change = fc.tuple(fc.nat(), fc.constantFrom(...changes));
    fc.assert(
      fc.property(documentText(fc.constant('')), change, (text, [place, byte]) => {
        const at = place % text.length;
        const bytes = Buffer.from(text.slice(0, at) + byte + text.slice(at + 1));
        scanBody(Buffer.from(text), () => true, memory);
        const fast = scanBody(bytes, () => true, memory);
        if (fast !== undefined) expect(fast).toEqual(readBody(bytes, () => true));
      }),
      { numRuns: 2000 },
    );
  });

  test('every record is in exactly one of the counts', () => {
    fc.assert(
      fc.property(
        fc.array(recordText(fc.constant('')), { maxLength: 8 }),
        wantedBits,
        (records, bits) => {
          const wanted = (high: number): boolean => (high & bits) === bits;
          const bytes = Buffer.from(`{"records":[${records.map(readable).join(',')}]}`);
          const { counts, samples, rejected } = decodeMetrics(bytes, wanted);
          const sum = counts.wanted + counts.unwanted + counts.notMetric + counts.rejected;
          expect(sum).toBe(records.length);
          expect([samples.length, rejected.length]).toEqual([counts.wanted, counts.rejected]);
        },
      ),
    );
  });
});

/** Records whose text is no JSON would spoil the message as a whole. */
function readable(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return 'null';
  }
}

test('ordinary messages of each kind are scanned, not left to the oracle', () => {
  const record = {
    resourceId: '/A',
    metricName: 'Cpu',
    time: '2026-11-21T09:03:00Z',
    timeGrain: 'PT1M',
    average: 7.25,
    Host: 'a',
    Zone: 'b',
  };
  const envelope = { records: [record, record], PartitionId: 3 };
  const bodies = [
    JSON.stringify(record),
    JSON.stringify([record]),
    JSON.stringify(envelope),
    JSON.stringify([envelope, envelope]),
    JSON.stringify(envelope, null, 2),
    [record, envelope, [record]].map((document) => JSON.stringify(document)).join('\n'),
  ];
  for (const text of bodies) {
    for (const answer of [true, false]) {
      const fast = scanBody(Buffer.from(text), () => answer);
      expect(fast).toEqual(readBody(Buffer.from(text), () => answer));
      expect(fast).toBeDefined();
    }
  }
});

describe('records of one shape', () => {
  const like = (at: number, more: object = {}) => ({
    count: at % 5,
    total: at * 1.25,
    minimum: -at,
    maximum: at / 8,
    average: at / 3,
    resourceId: `/SUBSCRIPTIONS/S/DEPLOYMENTS/D${'X'.repeat(at % 23)}`,
    time: `2026-11-21T09:0${at % 10}:00.0000000Z`,
    metricName: at % 2 === 0 ? 'Cpu' : 'CpuUtilizationPercentage',
    timeGrain: 'PT1M',
    ...more,
  });

  test.each([
    ['alone', () => ({})],
    ['with dimensions', (at: number) => ({ Host: `h${at % 7}`, Zone: 'a' })],
    [
      'with members that are no dimensions',
      () => ({ unit: 'Percent', EventProcessedUtcTime: 'x' }),
    ],
    ['now and then of another shape', (at: number) => (at % 6 === 0 ? { Host: 'a' } : {})],
    ['with members of a short name', (at: number) => ({ a: `${at}` })],
  ])('%s', (_, more) => {
    const memory = new ScanMemory();
    for (let first = 0; first < 300; first += 60) {
      const records = Array.from({ length: 60 }, (_, at) => like(first + at, more(first + at)));
      const bytes = Buffer.from(JSON.stringify({ records }));
      const wanted = (_high: number, low: number): boolean => low % 3 !== 0;
      const fast = scanBody(bytes, wanted, memory);
      expect(fast?.samples.length).toBeGreaterThan(0);
      expect(fast).toEqual(readBody(bytes, wanted));
    }
  });

  test('a shape is no licence: what differs from it is read as ever', () => {
    const good = JSON.stringify(like(1));
    for (let cut = 1; cut < good.length; cut++) {
      for (const byte of ['', ' ', '"', ',', '0', '}', '\\']) {
        const text = `[${good},${good.slice(0, cut)}${byte}${good.slice(cut + 1)},${good}]`;
        const fast = scanBody(Buffer.from(text), () => true);
        if (fast !== undefined) expect(fast).toEqual(readBody(Buffer.from(text), () => true));
      }
    }
  });
});

test.each([
  ['a number that is infinite', `{"average":${'9'.repeat(400)},"total":1}`],
  ['a member twice', '{"average":1,"average":2}'],
  ['an exponent', '{"average":1e3}'],
  ['an escape', '{"average":1,"Host":"\\u0041"}'],
  ['a literal', '{"average":null}'],
  ['a list', '{"average":1,"tags":[]}'],
  ['a number that is no JSON', '{"average":01}'],
  ['no JSON', '{"average":1'],
])('%s is left to the oracle', (_, text) => {
  const start =
    '"resourceId":"/A","metricName":"Cpu","time":"2026-11-21T09:03:00Z","timeGrain":"PT1M",';
  const bytes = Buffer.from(text.replace('{', `{${start}`));
  expect(scanBody(bytes, () => true)).toBeUndefined();
});
