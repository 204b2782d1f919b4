import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../json.ts';
import { compareValues } from '../query/order.ts';
import { encodeStart, encodeValue, endOf, invert } from './sort-key.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.string({
    unit: fc.constantFrom('\u0000', '\u0001', 'a', '\ud83d', '\ue000', '\uffff'),
    maxLength: 4,
  }),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, 2 ** 53, 2 ** 53 + 2, 1e308, -1e308, 5e-324),
);
const value: fc.Arbitrary<Json | undefined> = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.constantFrom<Json | undefined>(null, undefined, [], [1], {}, { x: 1 }),
);

test('the bytes of values have the order of the values', () => {
  const property = fc.property(value, value, (left, right) => {
    const wanted = Math.sign(compareValues(left, right));
    const [one, other] = [encodeValue(left), encodeValue(right)];
    expect(Math.sign(one.compare(other))).toBe(wanted + 0);
    expect(Math.sign(invert(other).compare(invert(one)))).toBe(wanted + 0);
  });
  fc.assert(property, { numRuns: 600 });
});

test('the bytes of several values, joined, have the order of the first that differs', () => {
  const pair = fc.tuple(value, value);
  const joined = (list: readonly (Json | undefined)[]): Buffer =>
    Buffer.concat(list.map(encodeValue));
  const property = fc.property(pair, pair, (left, right) => {
    const wanted = compareValues(left[0], right[0]) || compareValues(left[1], right[1]);
    expect(Math.sign(joined(left).compare(joined(right)))).toBe(Math.sign(wanted) + 0);
  });
  fc.assert(property, { numRuns: 600 });
});

test('a text lies between its beginning and the end of that', () => {
  const property = fc.property(text, text, (start, rest) => {
    const [from, bytes] = [encodeStart(start), encodeValue(start + rest)];
    expect(from.compare(bytes)).toBeLessThanOrEqual(0);
    expect(bytes.compare(endOf(from) ?? bytes)).toBeLessThan(0);
  });
  fc.assert(property, { numRuns: 1000 });
});
