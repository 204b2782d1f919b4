import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import type { Override } from '@headroom/core';
import { encodeOverrides, overrideTermMaxMs, parseOverrides } from './overrides.ts';

const term = {
  at: instant(Date.UTC(2026, 10, 22, 10)),
  until: instant(Date.UTC(2026, 10, 22, 12)),
  owner: 'ops',
  reason: 'drill',
};
const written = {
  ...term,
  at: '2026-11-22T10:00:00.000Z',
  until: '2026-11-22T12:00:00.000Z',
};
const pin = { ...written, kind: 'pin', to: 3 };

test('each kind comes back, its times in ISO 8601 on the way', () => {
  const overrides: readonly Override[] = [
    { ...term, kind: 'pause' },
    { ...term, kind: 'freeze' },
    { ...term, kind: 'pin', to: 3 },
  ];
  const documents = encodeOverrides(overrides);
  expect(documents[2]).toEqual(pin);
  expect(parseOverrides(JSON.parse(JSON.stringify(documents)))).toEqual({
    ok: true,
    value: overrides,
  });
});

test.each([undefined, null, []])('%j is none', (document) => {
  expect(parseOverrides(document)).toEqual({ ok: true, value: [] });
});

describe('what is wrong is told with its field', () => {
  test.each<[string, unknown, RegExp]>([
    ['', 'pause', /list/],
    ['', [pin, pin], /two overrides of one kind/],
    ['[0].kind', [{ ...pin, kind: 'nap' }], /pause, freeze, pin or confirm/],
    ['[0].to', [{ ...pin, to: -1 }], /whole number/],
    ['[0].to', [{ ...pin, to: undefined }], /whole number/],
    ['[0].to', [{ ...pin, kind: 'pause' }], /there are kind, at, until, owner, reason/],
    ['[0].at', [{ ...pin, at: '2026-11-22' }], /UTC/],
    ['[0].at', [{ ...pin, at: '2026-11-22T10:00:00+01:00' }], /UTC/],
    ['[0].at', [{ ...pin, at: '2026-13-22T10:00:00Z' }], /UTC/],
    ['[0].until', [{ ...pin, until: written.at }], /after at/],
    ['[0].until', [{ ...pin, until: '2027-11-22T10:00:00Z' }], /30 days/],
    ['[0].owner', [{ ...pin, owner: ' ' }], /say who/],
    ['[0].owner', [{ ...pin, owner: 'x'.repeat(101) }], /100/],
    ['[0].reason', [{ ...pin, reason: 'x'.repeat(501) }], /500/],
    ['[0].reason', [{ ...pin, reason: undefined }], /why/],
    ['[0].reason', [{ ...pin, reason: 'drill\u001b[2J' }], /control characters/],
  ])('%s: %j', (field, document, message) => {
    expect(parseOverrides(document)).toEqual({
      ok: false,
      error: [{ field, message: expect.stringMatching(message) }],
    });
  });
});

test('what no reader could read is not written', () => {
  const until = instant(term.at + overrideTermMaxMs + 1);
  expect(() => encodeOverrides([{ ...term, until, kind: 'pause' }])).toThrow(/30 days/);
});
