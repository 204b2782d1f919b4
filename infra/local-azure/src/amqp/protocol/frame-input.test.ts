import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DecodeError } from '../errors.ts';
import { FrameInput, isProtocolHeader } from './frame-input.ts';
import { MAX_FRAME_BYTES } from './limits.ts';
import { frame } from './performatives.ts';

const HEADER = Buffer.from('AMQP\u0000\u0001\u0000\u0000', 'latin1');
const unit = fc.oneof(
  fc.constant(HEADER),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => frame(0, 1, Buffer.from(bytes))),
);

function cut(bytes: Buffer, pieceBytes: number): Buffer[] {
  const units: Buffer[] = [];
  const input = new FrameInput();
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    input.push(bytes.subarray(at, at + pieceBytes));
    for (let next = input.next(); next !== undefined; next = input.next()) units.push(next);
  }
  return units;
}

test('units come out as they went in, however the bytes were cut', () => {
  fc.assert(
    fc.property(fc.array(unit), fc.integer({ min: 1, max: 80 }), (units, pieceBytes) => {
      expect(cut(Buffer.concat(units), pieceBytes)).toEqual(units);
    }),
  );
});

test('a large frame in very small pieces comes out whole', () => {
  const large = frame(0, 0, Buffer.alloc(20_000, 7));
  expect(cut(large, 3)).toEqual([large]);
});

test.each([0, 7, MAX_FRAME_BYTES + 1, 0xffff_ffff])('a frame of %d bytes is refused', (size) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size, 0);
  const input = new FrameInput();
  input.push(head);
  expect(() => input.next()).toThrow(DecodeError);
});

test('a protocol header is told from a frame', () => {
  expect([HEADER, frame(0, 0)].map(isProtocolHeader)).toEqual([true, false]);
});
