import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { numberAt, numberEnd, stringEnd, surprise } from './json-bytes.ts';

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const decimals = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.nat(), fc.maxSafeNat()),
    fc.option(fc.stringMatching(/^[0-9]{1,18}$/)),
  )
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);

test('numbers are those of JSON.parse, to the last bit', () => {
  fc.assert(
    fc.property(decimals, fc.constantFrom('', ',', '}', ' '), (text, after) => {
      const bytes = Buffer.from(`:${text}${after}`);
      const end = numberEnd(bytes, viewOf(bytes), 1);
      if (text.length > 32) return;
      expect(end).toBe(1 + text.length);
      expect(Object.is(numberAt(bytes, 1, end), JSON.parse(text))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test('a string ends at its first quote, at any place in a word', () => {
  for (let length = 0; length < 40; length++) {
    for (const after of ['', '"', 'x'.repeat(9), '\u0001'.repeat(9)]) {
      const bytes = Buffer.from(`${'!~ A'.repeat(10).slice(0, length)}"${after}`);
      expect(stringEnd(bytes, viewOf(bytes), 0)).toBe(length);
    }
    const broken = Buffer.from(`${'x'.repeat(length)}\n"`);
    expect(stringEnd(broken, viewOf(broken), 0)).toBe(surprise);
    const open = Buffer.from('x'.repeat(length));
    expect(stringEnd(open, viewOf(open), 0)).toBe(surprise);
  }
});
