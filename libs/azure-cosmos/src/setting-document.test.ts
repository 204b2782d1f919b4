import { expect, test } from '@jest/globals';
import { after, defaultPolicy, hourMs, instant, targetId } from '@headroom/core';
import type { Override } from '@headroom/core';
import { overriddenDocument, settingDocument, settingKey, settingOf } from './setting-document.ts';

const target = targetId('/subscriptions/s/deployments/blue');
const at = instant(Date.UTC(2026, 10, 21, 12));
const pause: Override = {
  kind: 'pause',
  at,
  until: after(at, hourMs),
  owner: 'ann',
  reason: 'a drill',
};
/** Members that nobody of ours reads stay as well. */
const arm = {
  location: 'westeurope',
  tags: { team: 'x' },
  properties: {
    name: 'blue',
    enabled: true,
    targetResourceUri: target,
    profiles: [{ name: 'Auto', capacity: { minimum: '1', maximum: '3', default: '1' }, rules: [] }],
  },
};
const write = { target, id: 'blue', expected: 3, document: arm, overrides: [pause] };
const written = settingDocument({ ...write, policy: { ...defaultPolicy, mode: 'observe' } });

test('policy and overrides stand beside the ARM JSON, which is kept verbatim', () => {
  expect(written).toMatchObject({
    v: 1,
    id: settingKey(target),
    version: 4,
    document: arm,
    policy: { mode: 'observe' },
    overrides: [{ kind: 'pause', until: '2026-11-21T13:00:00.000Z', owner: 'ann' }],
  });
  expect(settingOf(written)).toMatchObject({
    version: 4,
    content: { kind: 'setting', policy: { mode: 'observe' }, overrides: [pause] },
  });
});

test('a document of the first version, without overrides and options, reads with the default ones', () => {
  const first = Object.entries(written).filter(([name]) => name !== 'overrides');
  const old = {
    ...Object.fromEntries(first),
    policy: { v: 1, mode: 'observe', auditLevel: 'all' },
  };
  const policy = { ...defaultPolicy, mode: 'observe', auditLevel: 'all' };
  expect(settingOf(old)).toMatchObject({ content: { kind: 'setting', policy, overrides: [] } });
});

test('other overrides change nothing else, and what the service added is not written back', () => {
  const stored = { ...written, _etag: '"1"', _ts: 7, _rid: 'x' };
  const version = settingOf(stored);
  const next = version && overriddenDocument(stored, version, []);
  expect(next).toEqual({ ...written, version: 5, overrides: [] });
});

test('a tombstone has no overrides', () => {
  const deleted = settingDocument({ ...write, document: undefined, policy: defaultPolicy });
  const version = settingOf(deleted);
  expect(version?.content).toEqual({ kind: 'tombstone' });
  expect(version && overriddenDocument(deleted, version, [pause])).toBeUndefined();
});
