import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../json.ts';
import { inverted } from '../../item-index/key-range.ts';
import type { KeyRanges } from '../../item-index/key-range.ts';
import { encodeValue, invert } from '../../item-index/sort-key.ts';
import { itemRow, matches } from '../evaluate.ts';
import { parseQuery } from '../parse.ts';
import { Work } from '../work.ts';
import { constraintOn } from './constraint.ts';

const scalar = fc.constantFrom<Json>(
  ...[
    0,
    -0,
    1,
    -1,
    1e308,
    2 ** 53,
    '',
    'a',
    'ab',
    'b',
    '\u0000',
    '\uffff',
    '😀',
    true,
    false,
    null,
  ],
);
const value = fc.oneof({ weight: 5, arbitrary: scalar }, fc.constantFrom<Json>([], [1], { x: 1 }));
const literal = value.map((each) => JSON.stringify(each));
const operator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');
const leaf = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(operator, literal).map(([op, each]) => `c.v ${op} ${each}`) },
  fc.tuple(operator, literal).map(([op, each]) => `${each} ${op} c.v`),
  fc.array(literal, { minLength: 1, maxLength: 3 }).map((list) => `c.v IN (${list.join()})`),
  fc.tuple(literal, literal).map(([low, high]) => `c.v BETWEEN ${low} AND ${high}`),
  literal.map((each) => `STARTSWITH(c.v, ${each})`),
  fc.constantFrom('c.v', 'IS_DEFINED(c.v)', 'c.w = 1', 'c.v = undefined'),
);
const condition = fc.oneof(
  leaf,
  fc.tuple(leaf, fc.constantFrom('AND', 'OR'), leaf).map((parts) => `(${parts.join(' ')})`),
  fc
    .tuple(leaf, leaf, leaf)
    .map(([first, second, third]) => `${first} AND (${second} OR NOT (${third}))`),
);

test('what matches lies in the ranges that a condition leaves, in either direction', () => {
  const property = fc.property(condition, fc.option(value, { nil: undefined }), (text, v) => {
    const { where } = parseQuery(`SELECT * FROM c WHERE ${text}`, new Map());
    const item: Json = v === undefined ? { w: 1 } : { v, w: 1 };
    const ranges = constraintOn(where, ['v']);
    fc.pre(ranges !== undefined && matches(where, itemRow(item, new Work())));
    expect(holds(ranges, encodeValue(v))).toBe(true);
    expect(holds(inverted(ranges), invert(encodeValue(v)))).toBe(true);
  });
  fc.assert(property, { numRuns: 1000 });
});

test.each([
  ['c.v = 1 AND c.v = 2', 0],
  ['c.v > 1', 1],
  ['c.v IN (1, 2, "a")', 3],
  ['c.v = 1 OR c.v = 2', 2],
  ['c.v = 1 OR c.w = 2', undefined],
  ['NOT (c.v = 1)', undefined],
])('%s leaves %s range(s)', (text, count) => {
  const { where } = parseQuery(`SELECT * FROM c WHERE ${text}`, new Map());
  expect(constraintOn(where, ['v'])?.length).toBe(count);
});

const holds = (ranges: KeyRanges, bytes: Uint8Array): boolean =>
  ranges.some(
    ({ from, below }) =>
      Buffer.compare(from, bytes) <= 0 && (below === undefined || Buffer.compare(bytes, below) < 0),
  );
