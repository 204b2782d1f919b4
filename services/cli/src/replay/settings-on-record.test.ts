import { expect, test } from '@jest/globals';
import type { Decision, SettingRecord } from '@headroom/core';
import { at, decisionOn, minutesFromNow } from '../view/explanation.fixture.ts';
import { SettingsOnRecord } from './settings-on-record.ts';

const { decision, content } = decisionOn({});

function recordOf({ target, setting }: Decision, minutes = -30): SettingRecord {
  const version = { target, ...setting, content };
  return { id: `s${minutes}`, target, at: minutesFromNow(minutes), version };
}

/** An audit log that says which decisions it was asked about. */
function asked(answer: (decision: Decision) => SettingRecord | undefined) {
  const versions: number[] = [];
  const settingOf = (one: Decision) => {
    versions.push(one.setting.version);
    return Promise.resolve(answer(one));
  };
  return { versions, settings: new SettingsOnRecord({ settingOf }) };
}

const ofVersion = (version: number): Decision => ({ ...decision, setting: { id: 'x', version } });

test('asks once for each version, found or not', async () => {
  const { versions, settings } = asked((one) =>
    one.setting.version === 1 ? recordOf(one) : undefined,
  );
  for (const version of [1, 2, 1, 2]) {
    expect(await settings.of(ofVersion(version))).toEqual(version === 1 ? content : undefined);
  }
  expect(versions).toEqual([1, 2]);
});

test('does not ask for one that came by', async () => {
  const { versions, settings } = asked(() => undefined);
  settings.keep(recordOf(ofVersion(1)));
  expect(await settings.of(ofVersion(1))).toEqual(content);
  expect(versions).toEqual([]);
});

test('holds so many and asks again for the rest', async () => {
  const { versions, settings } = asked((one) => recordOf(one));
  for (let version = 0; version < 600; version++) await settings.of(ofVersion(version));
  await settings.of(ofVersion(599));
  expect(versions).toHaveLength(600);
  await settings.of(ofVersion(0));
  expect(versions).toHaveLength(601);
});

test('the newest that came by counts', async () => {
  const { settings } = asked(() => undefined);
  settings.keep(recordOf(decision, -30));
  const next = recordOf(decision, -1);
  const newer = { ...next, version: { ...next.version, content: { kind: 'tombstone' } as const } };
  settings.keep(newer);
  expect(await settings.of({ ...decision, at })).toEqual({ kind: 'tombstone' });
});
