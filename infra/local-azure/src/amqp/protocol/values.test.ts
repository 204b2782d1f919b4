import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DecodeError } from '../errors.ts';
import { encode } from './encode.ts';
import { Described, Reader, Uuid, asUint } from './values.ts';
import type { AmqpValue } from './values.ts';

const scalar: fc.Arbitrary<AmqpValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 64n - 1n }),
  fc.string({ unit: 'binary', maxLength: 300 }).filter((text) => text.isWellFormed()),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new Uuid(Buffer.from(bytes))),
);

const { value } = fc.letrec<{ value: AmqpValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 5 }).map((items) => new Map(items)),
    tie('value').map((inner) => new Described(0x77, inner)),
  ),
}));

/** Three bytes each, for 255 values. */
function arrayOfArraysOfNulls(count: number): string {
  const inner = Buffer.from([2, 255, 0x40]);
  const head = Buffer.alloc(10);
  head[0] = 0xf0;
  head.writeUInt32BE(count * 3 + 5, 1);
  head.writeUInt32BE(count, 5);
  head[9] = 0xe0;
  return Buffer.concat([head, ...Array.from({ length: count }, () => inner)]).toString('hex');
}

describe('AMQP values', () => {
  test('what is encoded is read again, and skipping steps over exactly that', () => {
    fc.assert(
      fc.property(value, (original) => {
        const bytes = encode(original);
        expect(new Reader(bytes).read()).toEqual(original);
        const reader = new Reader(Buffer.concat([bytes, Buffer.from([0x41])]));
        expect(reader.skip()).toEqual(bytes);
        expect(reader.read()).toBe(true);
      }),
    );
  });

  test('bytes that are no AMQP end in a DecodeError, never in another error or a hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          new Reader(Buffer.from(bytes)).read();
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a list that claims four billion items', 'd000000008ffffffff40'],
    ['an array of four billion nulls', 'f000000009ffffffff40'],
    ['an array of many arrays of nulls', arrayOfArraysOfNulls(3000)],
    ['a time that is none', '837fffffffffffffff'],
    ['a text that is longer than the bytes', 'b1000000ff4142'],
  ])('%s is refused', (_, hex) => {
    expect(() => new Reader(Buffer.from(hex, 'hex')).read()).toThrow(DecodeError);
  });

  test.each([-1, 1.5, 2 ** 32, Number.NaN, 'x', true, []])('%p is no unsigned number', (value) => {
    expect(() => asUint(value)).toThrow(DecodeError);
  });

  test('an unsigned number may be absent', () => {
    expect([undefined, null, 0, 0xffff_ffff].map((value) => asUint(value))).toEqual([
      ...[undefined, undefined],
      ...[0, 0xffff_ffff],
    ]);
  });

  test('values nested too deep are refused', () => {
    const nested = Array.from({ length: 40 }).reduce<AmqpValue>((inner) => [inner], 1);
    expect(() => new Reader(encode(nested)).read()).toThrow(/nested too deep/);
    expect(() => new Reader(Buffer.alloc(1_000_000)).skip()).toThrow(/nested too deep/);
  });
});
