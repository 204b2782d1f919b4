import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import rhea from 'rhea';
import { partitionKeyOf, stampEvents, withLastEnqueued } from '../event-hub/event-codec.ts';
import { encodeDelivery, readDraft, swapTokenBytes } from '../service-bus/message-codec.ts';

/** Messages as rhea, the clients' library, writes and reads them: the oracle of our splicing. */
const message = fc.record(
  {
    message_id: fc.string({ minLength: 1 }),
    correlation_id: fc.string({ minLength: 1 }),
    subject: fc.string(),
    ttl: fc.integer({ min: 1, max: 1_000_000 }),
    message_annotations: fc.dictionary(
      fc.constantFrom('x-opt-partition-key', 'x-opt-own', 'x-opt-offset'),
      fc.string(),
    ),
    application_properties: fc.dictionary(
      fc.string({ unit: 'grapheme-ascii' }),
      fc.oneof(fc.string(), fc.boolean(), fc.double({ noNaN: true, min: 0.1, max: 1e9 })),
      { noNullPrototype: true },
    ),
    body: fc.oneof(fc.string(), fc.boolean(), fc.constant(['a', 'b'])),
  },
  { requiredKeys: ['body'], noNullPrototype: true },
);

type Decoded = Record<string, unknown> & { message_annotations?: Record<string, unknown> };

const encode = (plain: object): Buffer => rhea.message.encode(plain);
const decode = (bytes: Buffer): Decoded => rhea.message.decode(bytes);

const OURS = new Set([
  ...['message_annotations', 'ttl', 'durable', 'priority', 'first_acquirer', 'delivery_count'],
  'message_id',
]);

/** What a message says besides its annotations, its header and its id. */
function rest(decoded: Decoded): unknown {
  return Object.fromEntries(Object.entries(decoded).filter(([key]) => !OURS.has(key)));
}

describe('splicing', () => {
  test('a stamped event has its position, and all else as it was', () => {
    fc.assert(
      fc.property(message, (plain) => {
        const bytes = encode(plain);
        const stamped = decode(
          stampEvents([bytes], { sequence: 7, enqueuedMs: 1_800_000_000_000 }).body,
        );
        expect(rest(stamped)).toEqual(rest(decode(bytes)));
        expect(stamped.message_annotations).toEqual({
          ...plain.message_annotations,
          'x-opt-sequence-number': 7,
          'x-opt-offset': '448',
          'x-opt-enqueued-time': new Date(1_800_000_000_000),
        });
        expect(partitionKeyOf(bytes)).toBe(plain.message_annotations?.['x-opt-partition-key']);
      }),
    );
  });

  test('delivery annotations go between header and message annotations', () => {
    fc.assert(
      fc.property(message, (plain) => {
        const position = { sequence: 3, enqueuedMs: 1000 };
        const stamped = stampEvents([encode(plain)], position).body;
        const tracked = decode(Buffer.concat(withLastEnqueued(stamped, position, 2000)));
        const { delivery_annotations: added, ...others } = tracked;
        expect(others).toEqual({ ...decode(stamped) });
        expect(added).toMatchObject({ last_enqueued_sequence_number: 3 });
      }),
    );
  });

  test('a delivered message has its id, its counts, and all else as it was', () => {
    fc.assert(
      fc.property(message, fc.integer({ min: 0, max: 9 }), (plain, deliveryCount) => {
        const bytes = encode(plain);
        const draft = readDraft(bytes);
        const stored = { ...draft, sequence: 5, enqueuedSequence: 5, enqueuedMs: 1 };
        const delivery = { ...stored, deliveryCount, isDeferred: false };
        const delivered = decode(Buffer.concat(encodeDelivery(delivery, 9000)));
        expect(rest(delivered)).toEqual(rest(decode(bytes)));
        expect(delivered['ttl'] ?? undefined).toBe(plain.ttl);
        expect(delivered['delivery_count'] ?? 0).toBe(deliveryCount);
        expect(draft.messageId).toBe(`s:${String(delivered['message_id'])}`);
        if (plain.message_id !== undefined) expect(delivered['message_id']).toBe(plain.message_id);
        expect(delivered.message_annotations).toMatchObject({
          'x-opt-sequence-number': 5,
          'x-opt-locked-until': new Date(9000),
        });
      }),
    );
  });

  test('a lock token swapped twice is itself', () => {
    const token = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
    expect(swapTokenBytes(token).toString('hex')).toBe('33221100554477668899aabbccddeeff');
    expect(swapTokenBytes(swapTokenBytes(token))).toEqual(token);
  });
});
