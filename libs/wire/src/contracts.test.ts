import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { defaultPolicy, instant } from '@headroom/core';
import type { Problem, Result, SettingVersion } from '@headroom/core';
import {
  decodeAccountLimits,
  decodeAuditRecord,
  decodeEvent,
  decodeFollowUp,
  decodeLimitChange,
  decodeOperationHead,
  decodeTopicMessage,
  encodeAccountLimits,
  encodeAuditRecord,
  encodeEvent,
  encodeFollowUp,
  encodeLimitChange,
  encodeOperationHead,
  encodePolicy,
  encodeRateLimitPolicy,
  encodeTopicMessage,
  outlineCommand,
  parsePolicy,
  parseRateLimitPolicy,
} from './index.ts';

// What was written once is read for ever: a fixture is added for a new version, never changed.

type Decoded<T> = Result<T, readonly Problem[]>;

function valueOf<T>(decoded: Decoded<T>): T {
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value;
}

const bytesOf = (document: unknown): Uint8Array => Buffer.from(JSON.stringify(document));
const jsonOf = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());

/** Each takes a document to the domain and back. */
const roundTrips: readonly (readonly [string, (document: unknown) => unknown])[] = [
  ['log-event', (document) => jsonOf(encodeEvent(decodeEvent(bytesOf(document))))],
  [
    'topic-message',
    (document) => jsonOf(encodeTopicMessage(valueOf(decodeTopicMessage(bytesOf(document))))),
  ],
  ['follow-up', (document) => jsonOf(encodeFollowUp(valueOf(decodeFollowUp(bytesOf(document)))))],
  ['audit-record', (document) => encodeAuditRecord(valueOf(decodeAuditRecord(document)))],
  ['operation-head', (document) => encodeOperationHead(valueOf(decodeOperationHead(document)))],
  ['account-limits', (document) => encodeAccountLimits(valueOf(decodeAccountLimits(document)))],
  ['limit-change', (document) => encodeLimitChange(valueOf(decodeLimitChange(document)))],
  ['policy', (document) => encodePolicy(valueOf(parsePolicy(document)))],
  [
    'rate-limit-policy',
    (document) => encodeRateLimitPolicy(valueOf(parseRateLimitPolicy(document))),
  ],
];

const decoders: readonly (readonly [string, (document: unknown) => Decoded<unknown>])[] = [
  ['topic-message', (document) => decodeTopicMessage(bytesOf(document))],
  ['follow-up', (document) => decodeFollowUp(bytesOf(document))],
  ['audit-record', decodeAuditRecord],
  ['operation-head', decodeOperationHead],
  ['account-limits', decodeAccountLimits],
  ['limit-change', decodeLimitChange],
  ['policy', parsePolicy],
  ['rate-limit-policy', parseRateLimitPolicy],
];

function fixturesOf(contract: string): readonly Record<string, unknown>[] {
  const url = new URL(`../fixtures/${contract}.v1.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Record<string, unknown>[];
}

describe.each(roundTrips)('%s, version 1', (contract, roundTrip) => {
  test.each(fixturesOf(contract).map((document, index) => ({ index, document })))(
    'fixture $index is read and written again as it was',
    ({ document }) => {
      const written = roundTrip(document);
      // Options that came later are there with their defaults.
      expect(written).toMatchObject(document);
      expect(roundTrip(written)).toEqual(written);
    },
  );
});

describe.each(decoders)('%s', (contract, decode) => {
  test('says which version it understands when it meets another', () => {
    const decoded = decode({ ...fixturesOf(contract)[0], v: 2 });
    expect(decoded).toMatchObject({ ok: false, error: [{ field: 'v' }] });
    expect(JSON.stringify(decoded)).toContain('version 1');
  });

  test.each([null, 7, 'text', [], undefined])('is not %j', (document) => {
    expect(decode(document === undefined ? { v: 1, kind: 'nonsense', mode: 1 } : document).ok).toBe(
      false,
    );
  });
});

test('members that a later writer added are passed over', () => {
  const [record] = fixturesOf('audit-record');
  expect(decodeAuditRecord({ ...record, id: 'x', month: '2026-11', _etag: '1' })).toEqual(
    decodeAuditRecord(record),
  );
});

test('every problem names its field', () => {
  const command = {
    kind: 'scale',
    id: '',
    target: 'blue',
    to: 1.23456789,
    source: { kind: 'log' },
  };
  const decoded = decodeTopicMessage(bytesOf({ v: 1, kind: 'scale', command }));
  const fields = decoded.ok ? [] : decoded.error.map(({ field }) => field);
  expect(fields).toEqual(
    expect.arrayContaining([
      'command.id',
      'command.target',
      'command.to',
      'command.source.position',
    ]),
  );
});

test('only limits have tenths', () => {
  const message = structuredClone(fixturesOf('topic-message')[1]!);
  const command = message['command'] as { target: string; to: number };
  command.to = 14.7;
  const refused = decodeTopicMessage(bytesOf(message));
  expect(refused).toMatchObject({ error: [{ field: 'command.to' }] });
  command.target = `${command.target}/ratelimits/vision`;
  expect(decodeTopicMessage(bytesOf(message))).toMatchObject({ value: { command: { to: 14.7 } } });
});

test("a sender's spelling of a target is the one spelling afterwards", () => {
  const message = structuredClone(fixturesOf('topic-message')[1]!);
  const command = message['command'] as { target: string };
  const target = command.target;
  command.target = `${target.toUpperCase()}/`;
  expect(decodeTopicMessage(bytesOf(message))).toMatchObject({ value: { command: { target } } });
});

test('what can be made out of a command that cannot be read', () => {
  expect(outlineCommand(bytesOf({ v: 9, command: { id: 'a', target: '/t', to: 'x' } }))).toEqual({
    commandId: 'a',
    target: '/t',
  });
  expect(outlineCommand(bytesOf({ command: { id: 4 } }))).toEqual({});
  expect(outlineCommand(Buffer.from('{'))).toEqual({});
});

test('a policy has defaults, and refuses a member that it does not know', () => {
  expect(parsePolicy({})).toEqual({ ok: true, value: defaultPolicy });
  expect(parsePolicy({ moed: 'observe' }).ok).toBe(false);
});

test('a setting of before schedules, options and overrides has the defaults of today', () => {
  const [, before] = fixturesOf('log-event');
  expect(decodeEvent(bytesOf(before))).toMatchObject({
    version: { content: { policy: defaultPolicy, overrides: [] } },
  });
});

test('a setting that the log takes goes on to the topic', () => {
  const event = decodeEvent(bytesOf(fixturesOf('log-event').at(-1)));
  if (event.kind !== 'setting') throw new Error('the fixture is a setting');
  const problems = (bytes: number) => Array.from({ length: bytes / 4003 }, () => 'x'.repeat(4000));
  const versionOf = (bytes: number): SettingVersion => ({
    ...event.version,
    content: { kind: 'unreadable', problems: problems(bytes) },
  });
  const { target } = event.version;
  const id = 'x'.repeat(32);
  const largest = versionOf(244_000);
  const setting = { id, target, at: instant(1_795_270_000_000), version: largest };
  expect(() => encodeEvent({ kind: 'setting', version: versionOf(250_000) })).toThrow(/bytes/);
  expect(encodeEvent({ kind: 'setting', version: largest }).length).toBeGreaterThan(240_000);
  expect(() => encodeTopicMessage({ kind: 'setting', setting })).not.toThrow();
});

test('long words of others are cut, not refused', () => {
  const decoded = valueOf(decodeTopicMessage(bytesOf(fixturesOf('topic-message')[4])));
  if (decoded.kind !== 'outcome') throw new Error('the fixture is an outcome');
  const outcome = { ...decoded.outcome, detail: 'x'.repeat(100_000) };
  const again = valueOf(decodeTopicMessage(encodeTopicMessage({ kind: 'outcome', outcome })));
  expect(again).toMatchObject({ outcome: { detail: expect.stringMatching(/^x{4095}…$/) } });
});

test('what no reader could read is not written', () => {
  const step = { exclusionKey: '', commandId: 'a', attempt: 0 };
  expect(() => encodeFollowUp(step)).toThrow(/cannot encode this follow-up/);
});
