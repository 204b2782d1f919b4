import { expect, test } from '@jest/globals';
import { targetId } from '@headroom/core';
import type { SettingContent, SettingVersion } from '@headroom/core';
import { accountTarget, Directory } from './directory.ts';

function version(id: string, kind: SettingContent['kind'] = 'rateLimit'): SettingVersion {
  return { target: targetId(id), id, version: 1, content: { kind } as SettingContent };
}

const idOf = (subscription: string, group: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/${name}`;

test('accounts by subscription and group, whose names are compared without case', () => {
  const directory = new Directory();
  expect(directory.isRead).toBe(false);
  directory.settingsChanged([
    version(idOf('T', 'RG', 'b')),
    version(idOf('t', 'rg', 'a')),
    version(idOf('s', 'other', 'c')),
    version(idOf('s', 'other', 'unreadable'), 'unreadable'),
    version('/subscriptions/u/resourceGroups/rg/providers/Microsoft.Web/sites/w', 'setting'),
  ]);
  expect(directory.isRead).toBe(true);
  expect(directory.subscriptions()).toEqual(['T', 's']);
  expect(directory.groups('t')).toEqual(['RG']);
  expect(directory.accounts('T')).toEqual([
    accountTarget('t', 'rg', 'a'),
    accountTarget('t', 'rg', 'b'),
  ]);
  expect(directory.accounts('s', 'OTHER')).toHaveLength(1);
  expect(directory.accounts('s', 'rg')).toEqual([]);
});

test('what was deleted has gone; what cannot be read any more has not', () => {
  const directory = new Directory();
  const [gone, kept] = [idOf('s', 'rg', 'gone'), idOf('s', 'rg', 'kept')];
  directory.settingsChanged([version(gone), version(kept)]);
  directory.settingsChanged([version(gone, 'tombstone'), version(kept, 'unreadable')]);
  expect(directory.accounts('s')).toEqual([targetId(kept)]);
});
