import { targetId } from '@headroom/core';
import type { SettingVersion, TargetId } from '@headroom/core';

interface Place {
  readonly subscription: string;
  readonly group: string;
}

const accountPattern =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.CognitiveServices\/accounts\/[^/]+\/?$/i;

/** Which accounts there are, by subscription and resource group, as the store of settings tells. */
export class Directory {
  readonly #places = new Map<TargetId, Place>();
  #isRead = false;

  readonly settingsChanged = (versions: readonly SettingVersion[]): void => {
    for (const { target, id, content } of versions) {
      const [, subscription, group] = accountPattern.exec(id) ?? accountPattern.exec(target) ?? [];
      if (subscription === undefined || group === undefined) continue;
      if (content.kind === 'rateLimit') this.#places.set(target, { subscription, group });
      // What this code cannot read is there all the same.
      else if (content.kind === 'tombstone') this.#places.delete(target);
    }
    this.#isRead = true;
  };

  /** Whether the store was read. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Each once, as it was written first; in order. */
  subscriptions(): readonly string[] {
    return distinct([...this.#places.values()].map(({ subscription }) => subscription));
  }

  groups(subscription: string): readonly string[] {
    const places = [...this.#places.values()].filter((place) => isIn(place, subscription));
    return distinct(places.map(({ group }) => group));
  }

  accounts(subscription: string, group?: string): readonly TargetId[] {
    return [...this.#places]
      .filter(([, place]) => isIn(place, subscription, group))
      .map(([target]) => target)
      .sort();
  }
}

export function accountTarget(subscription: string, group: string, name: string): TargetId {
  return targetId(
    `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/${name}`,
  );
}

function isIn(place: Place, subscription: string, group?: string): boolean {
  const isThere = place.subscription.toLowerCase() === subscription.toLowerCase();
  return isThere && (group === undefined || place.group.toLowerCase() === group.toLowerCase());
}

function distinct(names: readonly string[]): readonly string[] {
  const byKey = new Map<string, string>();
  for (const name of names) {
    if (!byKey.has(name.toLowerCase())) byKey.set(name.toLowerCase(), name);
  }
  return [...byKey.values()].sort();
}
