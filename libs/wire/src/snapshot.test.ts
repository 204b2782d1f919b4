import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import type { FoldSnapshot, SeriesSnapshot, TargetState } from '@headroom/core';
import fc from 'fast-check';
import { decodeEvent } from './log-event/event.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';

interface Fixture {
  readonly header: Omit<FoldSnapshot, 'series'> & {
    readonly series: readonly { key: SeriesSnapshot['key']; grainMs: number; path: string }[];
  };
  readonly columns: Record<'times' | 'counts' | 'totals' | 'minimums' | 'maximums', number[]>;
}

const url = new URL('../fixtures/snapshot.v1.json', import.meta.url);
const { header, columns } = JSON.parse(readFileSync(url, 'utf8')) as Fixture;
const state = Object.fromEntries(
  Object.entries(header).filter(([name]) => name !== 'v'),
) as unknown as Fixture['header'];
const golden: FoldSnapshot = {
  ...state,
  series: header.series.map(({ key, grainMs, path }) => ({
    key,
    grainMs,
    path,
    times: Float64Array.from(columns.times),
    counts: Float64Array.from(columns.counts),
    totals: Float64Array.from(columns.totals),
    minimums: Float64Array.from(columns.minimums),
    maximums: Float64Array.from(columns.maximums),
  })),
};

test('the layout of version 1: magic, version, header, columns at a multiple of eight', () => {
  const bytes = Buffer.from(encodeSnapshot(golden));
  expect(bytes.toString('latin1', 0, 4)).toBe('HRFS');
  expect(bytes.readUInt32LE(4)).toBe(1);
  const headerEnd = 12 + bytes.readUInt32LE(8);
  expect(JSON.parse(bytes.toString('utf8', 12, headerEnd))).toMatchObject(header);
  const from = Math.ceil(headerEnd / 8) * 8;
  const cells = Array.from({ length: 10 }, (_, at) => bytes.readDoubleLE(from + 8 * at));
  expect(cells).toEqual(Object.values(columns).flat());
  expect(bytes.length).toBe(from + 80);
});

test('accounts with their group, and pools in the middle of a move, come back', () => {
  const file = new URL('../fixtures/snapshot-limits.v1.json', import.meta.url);
  const written = JSON.parse(readFileSync(file, 'utf8')) as FoldSnapshot;
  const bytes = Buffer.from(encodeSnapshot(written));
  const headerEnd = 12 + bytes.readUInt32LE(8);
  expect(JSON.parse(bytes.toString('utf8', 12, headerEnd))).toMatchObject(written);
  const decoded = decodeSnapshot(bytes);
  expect(decoded).toMatchObject({ ok: true, value: { accounts: written.accounts } });
  expect(decoded).toMatchObject({
    ok: true,
    value: { pools: written.pools, groups: written.groups },
  });
});

/** What was written before options and overrides has their defaults. */
const before = decodeSnapshot(encodeSnapshot(golden));
if (!before.ok) throw new Error(JSON.stringify(before.error));
const restored = before.value;

test('a target with everything that one can have comes back', () => {
  const events = new URL('../fixtures/log-event.v1.json', import.meta.url);
  const documents = JSON.parse(readFileSync(events, 'utf8')) as unknown[];
  const event = decodeEvent(Buffer.from(JSON.stringify(documents.at(-1))));
  if (event.kind !== 'setting') throw new Error('the last fixture is a setting');
  const state: TargetState = {
    capacity: { kind: 'known', instances: 2, observedAt: instant(5) },
    inFlight: {
      commandId: 'c',
      to: 3,
      decidedAt: instant(6),
      startBy: instant(7),
      started: true,
      direction: 'out',
      cooldownMs: 60_000,
    },
    lastActionAt: instant(4),
    lastActionDirection: 'in',
    lastCooldownMs: 300_000,
    recentActions: [instant(3), instant(4)],
  };
  const targets = restored.targets.map((target) => ({ ...target, version: event.version, state }));
  const snapshot: FoldSnapshot = { ...restored, targets };
  expect(decodeSnapshot(encodeSnapshot(snapshot))).toEqual({ ok: true, value: snapshot });
});

test('the shadows beside a target come back', () => {
  const file = new URL('../fixtures/snapshot-shadows.v1.json', import.meta.url);
  const written = JSON.parse(readFileSync(file, 'utf8')) as FoldSnapshot;
  const decoded = decodeSnapshot(encodeSnapshot(written));
  expect(decoded).toMatchObject({ ok: true, value: { targets: written.targets } });
});

const column = (length: number) =>
  fc
    .array(fc.double({ noNaN: true }), { minLength: length, maxLength: length })
    .map((cells) => Float64Array.from(cells));
const series: fc.Arbitrary<SeriesSnapshot> = fc.nat({ max: 12 }).chain((length) =>
  fc.record({
    key: fc.record({
      resource: fc.string({ unit: 'binary' }),
      metric: fc.string(),
      dimensions: fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 }),
    }),
    grainMs: fc.constantFrom(1000, 60_000),
    path: fc.constantFrom('push', 'export', 'gateway'),
    times: column(length),
    counts: column(length),
    totals: column(length),
    minimums: column(length),
    maximums: column(length),
  }),
);

test('a snapshot comes back bit for bit', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 6 }), fc.boolean(), (all, cold) => {
      const snapshot: FoldSnapshot = { ...restored, cold, series: all };
      expect(decodeSnapshot(encodeSnapshot(snapshot))).toEqual({ ok: true, value: snapshot });
    }),
  );
});

describe('bytes that are no whole snapshot are refused', () => {
  const whole = encodeSnapshot(golden);

  test('cut off anywhere, or with more behind it', () => {
    for (let length = 0; length < whole.length; length += 3) {
      expect(decodeSnapshot(whole.subarray(0, length)).ok).toBe(false);
    }
    expect(decodeSnapshot(Buffer.concat([whole, Buffer.alloc(8)])).ok).toBe(false);
  });

  test('of another version', () => {
    const other = Buffer.from(whole);
    other.writeUInt32LE(2, 4);
    const message = expect.stringContaining('understands version 1');
    expect(decodeSnapshot(other)).toMatchObject({ error: [{ field: 'v', message }] });
  });

  test('with a broken header, or a header length beyond the end', () => {
    const broken = Buffer.from(whole);
    broken.write('X', 12);
    expect(decodeSnapshot(broken).ok).toBe(false);
    broken.writeUInt32LE(0xffffffff, 8);
    expect(decodeSnapshot(broken).ok).toBe(false);
  });

  test('of anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(decodeSnapshot(bytes).ok).toBe(false);
      }),
    );
  });
});

test('columns of unequal length are not written', () => {
  const [first] = golden.series;
  const series = [{ ...first!, totals: new Float64Array(1) }];
  expect(() => encodeSnapshot({ ...golden, series })).toThrow(/totals/);
});
