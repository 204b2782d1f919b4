import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RecordSplitter, recordCharsMax, separatesByLine } from './split-records.ts';

function split(text: string, lines: boolean, chunkSize = text.length || 1) {
  const splitter = new RecordSplitter({ lines });
  const found = [];
  for (let at = 0; at < text.length; at += chunkSize) {
    found.push(...splitter.push(text.slice(at, at + chunkSize)));
  }
  return [...found, ...splitter.finish()];
}
const texts = (text: string, lines = false) => split(text, lines).map((found) => found.text);

describe('every form that Azure and its tools write', () => {
  test.each([
    ['an envelope', '{"records":[{"a":1},{"b":{"c":[2]}}]}'],
    ['an envelope over lines', '{\n  "records": [\n    {"a":1},\n    {"b":{"c":[2]}}\n  ]\n}\n'],
    ['an array of envelopes', '[{"records":[{"a":1}]},{"records":[{"b":{"c":[2]}}]}]'],
    ['members beside the records', '{"x":[1],"records":[{"a":1},{"b":{"c":[2]}}],"y":{"z":"]}"}}'],
    ['bare records, one after the other', '{"a":1}{"b":{"c":[2]}}'],
    ['an array of bare records', '[ {"a":1} , {"b":{"c":[2]}} ]'],
    ['a byte order mark', '\uFEFF[{"a":1},{"b":{"c":[2]}}]'],
  ])('%s', (_, text) => {
    expect(texts(text)).toEqual(['{"a":1}', '{"b":{"c":[2]}}']);
  });

  test('NDJSON: records and envelopes, each on its line', () => {
    const text = '{"a":1}\r\n\n{"records":[{"b":2},{"c":3}]}\n{"d":4}';
    expect(split(text, true)).toEqual([
      { line: 1, text: '{"a":1}' },
      { line: 3, text: '{"b":2}' },
      { line: 3, text: '{"c":3}' },
      { line: 4, text: '{"d":4}' },
    ]);
  });

  test('brackets and escapes in strings, and "records" as a value, are no structure', () => {
    const record = '{"k":"records","v":["}]\\"{",{"records":[{"n":1}]}]}';
    expect(texts(`{"records":[${record}]}`)).toEqual([record]);
  });
});

describe('what is broken is found with its line', () => {
  test('a bad line of NDJSON spoils only itself', () => {
    expect(split('{"a":1}\n{"b":[2\n{"c":"3\nfoo\n{"d":4}\n', true)).toEqual([
      { line: 1, text: '{"a":1}' },
      { line: 2, text: '{"b":[2', problem: 'the line ends in the middle of it' },
      { line: 3, text: '{"c":"3', problem: 'the line ends in the middle of it' },
      { line: 4, text: 'foo', problem: 'it is no JSON object' },
      { line: 5, text: '{"d":4}' },
    ]);
  });

  test('a document that breaks off', () => {
    expect(split('{"records":[\n{"a":1},\n{"b":', false)).toEqual([
      { line: 2, text: '{"a":1}' },
      { line: 3, text: '{"b":', problem: 'the file ends in the middle of it' },
    ]);
  });

  test('things that are no objects', () => {
    const found = split('[1, "two", null, {"a":1}]', false);
    expect(found.map(({ problem }) => problem)).toEqual([
      'it is no JSON object',
      'it is no JSON object',
      'it is no JSON object',
      undefined,
    ]);
  });

  test('a record that is too long is not held in memory', () => {
    const [found] = split(`{"a":"${'x'.repeat(recordCharsMax)}"}`, false, 100_000);
    expect(found!.problem).toBe('it is longer than 1000000 characters');
    expect(found!.text.length).toBe(recordCharsMax + 1);
  });
});

test('chunks are an accident of reading', () => {
  const record = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
  const file = fc.array(fc.array(record, { maxLength: 3 }), { maxLength: 3 });
  fc.assert(
    fc.property(file, fc.integer({ min: 1, max: 20 }), fc.boolean(), (envelopes, size, lines) => {
      const text = envelopes.map((records) => JSON.stringify({ records, end: 1 })).join('\n');
      const expected = envelopes.flat().map((wanted) => JSON.stringify(wanted));
      const plain = expected.filter((one) => !one.includes('"records":['));
      fc.pre(plain.length === expected.length);
      expect(split(text, lines, size).map((found) => found.text)).toEqual(expected);
    }),
  );
});

test.each([
  ['export.json', '{"records":[', false],
  ['export.json', '[', false],
  ['export.json', '{"records":[{"a":1}]}', true],
  ['export.json', '{"a":1}', true],
  ['export.json', '{"a":1,', false],
  ['export.ndjson', '{"a":1,', true],
])('%s that begins %j: lines separate records: %s', (name, firstLine, expected) => {
  expect(separatesByLine(name, firstLine)).toBe(expected);
});
