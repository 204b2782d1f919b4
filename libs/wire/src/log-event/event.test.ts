import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import type { Frame, LogEvent, PositionedSample } from '@headroom/core';
import fc from 'fast-check';
import { decodeEvent, encodeEvent, encodeEventParts, eventBytesMax } from './event.ts';
import { frameSamplesMax } from './frame.ts';

const text = fc.string({ minLength: 1, maxLength: 40 });
const amount = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const series = fc.record({
  resource: text,
  metric: text,
  dimensions: fc.array(fc.tuple(text, text), { maxLength: 3 }),
});
const sample = fc.record({
  series,
  time: fc.integer({ min: 0, max: 4e12 }).map((ms) => instant(ms + 0.25)),
  grainMs: fc.constantFrom(1000, 60_000),
  count: fc.nat(),
  total: amount,
  minimum: amount,
  maximum: amount,
});
const frames = fc
  .record({
    source: text,
    path: text,
    samples: fc.array(sample, { maxLength: 30 }),
    start: fc.nat(),
  })
  .map(({ source, path, samples, start }) => frameOf(samples, { source, path, start }));

function frameOf(
  samples: readonly PositionedSample['sample'][],
  { source = 'metrics/0', path = 'push', start = 0 } = {},
): Frame {
  return {
    kind: 'frame',
    source,
    path,
    first: { sequence: start, index: 0 },
    last: { sequence: start + samples.length, index: 0 },
    samples: samples.map((one, at) => ({
      sample: one,
      position: { sequence: start + at, index: at },
    })),
  };
}

const oneSample = (resource: string, dimensions: [string, string][] = []) => ({
  series: { resource, metric: 'requestspersecond', dimensions },
  time: instant(1_795_251_780_000.125),
  grainMs: 60_000,
  count: 17,
  total: 1234.567890123,
  minimum: 0.1234567890123,
  maximum: 98765.43210987,
});
const longId = (tail: number): string => `/${'r'.repeat(1013)}${String(tail).padStart(10, '0')}`;

describe('a frame', () => {
  test('comes back as it was sent', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodeEvent(encodeEvent(frame))).toEqual(frame);
      }),
    );
  });

  test('of as many samples as it may have, of one target, fits a message', () => {
    const samples = Array.from({ length: frameSamplesMax }, (_, at) =>
      oneSample(longId(0), [['instanceId', String(at)]]),
    );
    expect(encodeEvent(frameOf(samples)).length).toBeLessThan(eventBytesMax);
  });

  test('of distinct longest ids becomes several, that hold its samples in order', () => {
    const samples = Array.from({ length: frameSamplesMax }, (_, at) => oneSample(longId(at)));
    const frame = frameOf(samples, { start: 5 });
    const bodies = encodeEventParts(frame);
    expect(bodies.length).toBeGreaterThan(1);
    expect(Math.max(...bodies.map(({ length }) => length))).toBeLessThanOrEqual(eventBytesMax);
    const parts = bodies.map(decodeEvent).filter((event) => event.kind === 'frame');
    expect(parts.flatMap((part) => part.samples)).toEqual(frame.samples);
    expect(parts[0]?.first).toEqual(frame.first);
    expect(parts.at(-1)?.last).toEqual(frame.last);
    expect(() => encodeEvent(frame)).toThrow(/split it/);
  });

  test.each<[string, Frame]>([
    ['too many samples', frameOf(Array.from({ length: 2001 }, () => oneSample('/r')))],
    ['a position that does not grow', withPositions([3, 3])],
    ['a sample before its first position', { ...withPositions([3, 4]), first: at(4) }],
    ['a sample after its last position', { ...withPositions([3, 4]), last: at(3) }],
    ['NaN', frameOf([{ ...oneSample('/r'), total: Number.NaN }])],
  ])('with %s is not written', (_, frame) => {
    expect(() => encodeEvent(frame)).toThrow(/frame/);
  });
});

function at(sequence: number): Frame['first'] {
  return { sequence, index: 0 };
}

function withPositions(sequences: readonly number[]): Frame {
  const samples = sequences.map((sequence) => ({
    sample: oneSample('/r'),
    position: at(sequence),
  }));
  return { ...frameOf([]), first: at(0), last: at(9), samples };
}

describe('what cannot be read is an event too, and says why', () => {
  const good = JSON.parse(
    Buffer.from(encodeEvent(frameOf([oneSample('/r')]))).toString(),
  ) as object;
  test.each<[string, unknown, RegExp]>([
    ['another version', { v: 2, kind: 'tick' }, /version 2 found/],
    ['no version', { kind: 'tick' }, /no version/],
    ['an unknown kind', { v: 1, kind: 'later' }, /kind/],
    ['its own name', { v: 1, kind: 'unreadable', problem: 'x' }, /kind/],
    ['a half row', { ...good, samples: [0, 1] }, /multiple of 9/],
    ['a text among numbers', { ...good, samples: ['0', 0, 0, 0, 0, 0, 0, 0, 0] }, /finite/],
    ['null for NaN', { ...good, samples: [0, 0, 0, 0, 0, 0, null, 0, 0] }, /finite/],
    ['a series that is not there', { ...good, samples: [7, 0, 0, 0, 0, 0, 0, 0, 0] }, /no such/],
    ['a string that is not there', { ...good, series: [[0, 9]] }, /strings\[9\]/],
    ['a dimension without value', { ...good, series: [[0, 1, 1]] }, /pairs/],
    ['no strings', { ...good, strings: null }, /strings/],
    ['a short position', { ...good, first: [1] }, /first/],
    ['a sample outside its range', { ...good, first: [1, 0] }, /first/],
    ['a list', [], /JSON object/],
  ])('%s', (_, document, reason) => {
    const event = decodeEvent(Buffer.from(JSON.stringify(document)));
    expect(event).toMatchObject({ kind: 'unreadable', problem: expect.stringMatching(reason) });
  });

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeEvent(bytes).kind).toBe('unreadable');
      }),
    );
  });

  test('too many bytes', () => {
    expect(decodeEvent(Buffer.alloc(eventBytesMax + 1, '1')).kind).toBe('unreadable');
  });

  test('and is never written', () => {
    const event: LogEvent = { kind: 'unreadable', problem: 'x' };
    expect(() => encodeEvent(event)).toThrow(/never written/);
  });
});
