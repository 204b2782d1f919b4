import { expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import type { AuditRecord } from '@headroom/core';
import { heldMax, settingsFirst } from './settings-first.ts';

/** `d3`: a decision of instant 3. `s3`: a setting of it. */
function recordOf(name: string): AuditRecord {
  const at = instant(Number(name.slice(1)));
  const record = name.startsWith('s')
    ? { kind: 'setting', setting: { id: name, at } }
    : { kind: 'decision', decision: { id: name, at } };
  // Only the kind, the id and the time count here.
  return record as unknown as AuditRecord;
}

async function* from(names: readonly string[]) {
  for (const name of names) yield await Promise.resolve(recordOf(name));
}

async function ordered(names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const record of settingsFirst(from(names))) {
    found.push(`${record.kind.charAt(0)}${idOf(record).slice(1)}`);
  }
  return found;
}

function idOf(record: AuditRecord): string {
  if (record.kind === 'setting') return record.setting.id;
  return record.kind === 'decision' ? record.decision.id : '';
}

test.each([
  [[], []],
  [
    ['d1', 's1'],
    ['s1', 'd1'],
  ],
  [
    ['d1', 'd1', 's1', 'd2', 's2'],
    ['s1', 'd1', 'd1', 's2', 'd2'],
  ],
  [
    ['s1', 'd1', 'd2', 's3'],
    ['s1', 'd1', 'd2', 's3'],
  ],
])('%j → %j', async (records, expected) => {
  expect(await ordered(records)).toEqual(expected);
});

test('what waits is bounded: a setting behind more than that stays behind', async () => {
  const many = Array.from({ length: heldMax + 1 }, () => 'd1');
  const found = await ordered([...many, 's1']);
  expect(found).toHaveLength(heldMax + 2);
  expect(found.indexOf('s1')).toBe(heldMax);
});
