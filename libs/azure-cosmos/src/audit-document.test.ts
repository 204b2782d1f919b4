import { describe, expect, test } from '@jest/globals';
import { instant, targetId } from '@headroom/core';
import type { AuditRecord } from '@headroom/core';
import { auditDocument, monthOf } from './audit-document.ts';

const target = targetId('/subscriptions/S/deployments/Blue');

function divergence(id: string): AuditRecord {
  const at = instant(Date.UTC(2026, 0, 31, 23, 59, 59, 999));
  return { kind: 'divergence', divergence: { id, recordId: 'r', target, at, second: '{}' } };
}

describe('the document of an audit record', () => {
  test('lies with its target and the month of its log time, in UTC', () => {
    expect(auditDocument(divergence('d'))).toMatchObject({
      id: 'divergence:d',
      target,
      month: '2026-01',
      at: 1769903999999,
      kind: 'divergence',
      v: 1,
    });
  });

  test.each(['a/b', 'a\\b', 'a?b', 'a#b', 'ä', 'x'.repeat(300)])(
    'has the hash of an id that Cosmos DB does not take: %s',
    (id) => {
      expect(auditDocument(divergence(id)).id).toMatch(/^divergence:[0-9a-f]{32}$/);
    },
  );
});

test('a month ends with its last millisecond', () => {
  expect(monthOf(instant(Date.UTC(2026, 11, 31, 23, 59, 59, 999)))).toBe('2026-12');
  expect(monthOf(instant(Date.UTC(2027, 0, 1)))).toBe('2027-01');
});
