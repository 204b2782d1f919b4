import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { PartialMessage } from './partial-message.ts';

test('the parts behind one another are the message', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 9000 }).map((bytes) => Buffer.from(bytes)));
  fc.assert(
    fc.property(parts, (each) => {
      const message = new PartialMessage();
      for (const part of each) message.add(part);
      const whole = Buffer.concat(each);
      expect(message.payload.equals(whole)).toBe(true);
      expect(message.bytes).toBe(whole.length);
      expect(message.heldBytes).toBeGreaterThanOrEqual(whole.length);
    }),
  );
});

test('a message of exactly the limit is kept; of one byte more nothing is', () => {
  const message = new PartialMessage();
  const part = Buffer.alloc(MAX_MESSAGE_BYTES / 16);
  for (let n = 0; n < 16; n++) message.add(part);
  expect([message.bytes, message.heldBytes]).toEqual([MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES]);
  message.add(Buffer.alloc(1));
  expect([message.bytes, message.heldBytes]).toEqual([MAX_MESSAGE_BYTES + 1, 0]);
});
