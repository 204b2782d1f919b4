import { describe, expect, test } from '@jest/globals';
import { targetId } from '@headroom/core';
import type { SettingVersion } from '@headroom/core';
import { followSettings } from './follow-settings.ts';

const tombstone = (name: string, version: number): SettingVersion => ({
  target: targetId(`/targets/${name}`),
  id: name,
  version,
  content: { kind: 'tombstone' },
});

/** A store that says what it is told to. */
function storeOf() {
  let say: (versions: readonly SettingVersion[]) => void = () => undefined;
  const follow = (changed: typeof say) => {
    say = changed;
    return Promise.resolve();
  };
  return { follow, say: (...versions: SettingVersion[]) => say(versions) };
}

async function followed() {
  const store = storeOf();
  const firsts: number[] = [];
  const view = followSettings(store, (settings) => firsts.push(settings));
  await view.follow(new AbortController().signal);
  const heard = () => {
    const calls: string[] = [];
    const end = view.subscribe((versions) => {
      calls.push(versions.map(({ id, version }) => `${id}${version}`).join(' '));
    });
    return { calls, end };
  };
  return { store, view, firsts, heard };
}

describe('the view of the settings', () => {
  test('says nothing before the complete set, and then all of it', async () => {
    const { store, view, firsts, heard } = await followed();
    const { calls } = heard();
    expect(calls).toEqual([]);
    expect(view.status()).toMatchObject({ ready: false });
    store.say(tombstone('a', 1), tombstone('b', 4));
    store.say(tombstone('a', 2));
    expect(calls).toEqual(['a1 b4', 'a2']);
    expect(view.status()).toEqual({ known: 2 });
    expect(firsts).toEqual([2]);
  });

  test('a complete set without settings is complete', async () => {
    const { store, view, heard } = await followed();
    const { calls } = heard();
    store.say();
    expect(calls).toEqual(['']);
    expect(view.status()).toEqual({ known: 0 });
  });

  test('who comes later is given the newest of each', async () => {
    const { store, heard } = await followed();
    store.say(tombstone('a', 1), tombstone('b', 4));
    store.say(tombstone('a', 3));
    store.say(tombstone('a', 2));
    expect(heard().calls).toEqual(['a3 b4']);
  });

  test('who has left hears nothing more', async () => {
    const { store, heard } = await followed();
    const [one, other] = [heard(), heard()];
    one.end();
    store.say(tombstone('a', 1));
    expect(one.calls).toEqual([]);
    expect(other.calls).toEqual(['a1']);
  });
});
