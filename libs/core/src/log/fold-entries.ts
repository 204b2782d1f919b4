import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import { groupOf } from '../setting/group.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import { AccountEntry } from './account-entry.ts';
import { BackendGroup } from './backend-group.ts';
import type { LimitTarget } from './limit-target.ts';
import type { ScaledTarget } from './scaled-target.ts';
import type { CapacityObservation } from '../outcome/outcome.ts';
import type { AccountSnapshot, FoldSnapshot, GroupSnapshot } from './snapshot.ts';
import { TargetEntry } from './target-entry.ts';
import type { Watch } from './target-entry.ts';

/** A setting in the fold, by what it decides on: one target, or the limits of an account. */
export type FoldEntry = TargetEntry | AccountEntry;

/** The settings of one partition, found by their own target and by the targets that they make commands for. */
export class FoldEntries {
  readonly #settings = new Map<TargetId, FoldEntry>();
  readonly #limits = new Map<
    TargetId,
    { readonly limit: LimitTarget; readonly of: AccountEntry }
  >();
  readonly #groups = new Map<string, BackendGroup>();

  constructor(groups: readonly GroupSnapshot[] = []) {
    for (const group of groups) this.#groups.set(group.name, new BackendGroup(group.name, group));
  }

  /** By the setting's target. */
  get(target: TargetId): FoldEntry | undefined {
    return this.#settings.get(target);
  }

  *accounts(): Generator<TargetId> {
    for (const entry of this.#settings.values()) if (entry.kind === 'account') yield entry.target;
  }

  /** The setting that makes commands for the target. */
  ownerOf(target: TargetId): FoldEntry | undefined {
    return this.#settings.get(target) ?? this.#limits.get(target)?.of;
  }

  /** What is known of a target that commands are made for. */
  scaled(target: TargetId): ScaledTarget | undefined {
    const entry = this.#settings.get(target);
    return entry?.kind === 'target' ? entry : this.#limits.get(target)?.limit;
  }

  /** Takes what the scaler found of a target. Whether it changed anything to decide on. */
  observed(observation: CapacityObservation, now: Instant): boolean {
    const { target, availableTps } = observation;
    const changed = this.scaled(target)?.observed(observation, now) === true;
    const held = this.#limits.get(target);
    if (held === undefined || availableTps === undefined) return changed;
    // ARM tells what is left, not what there is: as of now, so that what is given to one limit is not left for another.
    const { sumTps } = held.of.group.allowed;
    return held.limit.projected(sumTps + availableTps) || changed;
  }

  /**
   * The entry that takes the version, a new one where there is none of its kind. `coldSince`: nobody knows when the last
   * action was before, and it may have been just then.
   */
  for(version: SettingVersion, coldSince: Instant | undefined): FoldEntry {
    const known = this.#settings.get(version.target);
    if (known !== undefined && isOfKind(known, version)) return known;
    if (known?.kind === 'account') this.#release(known);
    if (version.content.kind === 'rateLimit') return this.addAccount(version);
    const entry = new TargetEntry(version);
    if (coldSince !== undefined) entry.state = { ...entry.state, lastActionAt: coldSince };
    return this.keep(entry);
  }

  addAccount(version: SettingVersion, snapshot?: AccountSnapshot): AccountEntry {
    const group = this.#group(snapshot?.group ?? groupOf(version));
    return this.keep(new AccountEntry(version, group, snapshot));
  }

  keep<Entry extends FoldEntry>(entry: Entry): Entry {
    this.#settings.set(entry.target, entry);
    return entry;
  }

  replace(entry: FoldEntry, version: SettingVersion, watches: readonly Watch[], now: Instant) {
    if (entry.kind === 'target') {
      entry.replace(version, watches);
      return;
    }
    this.#release(entry);
    // What cannot be read does not tell it.
    if (version.content.kind !== 'unreadable') entry.group = this.#group(groupOf(version));
    entry.group.members.add(entry);
    entry.replace(version, watches, now);
    for (const limit of entry.limits.values()) {
      this.#limits.set(limit.target, { limit, of: entry });
    }
  }

  snapshot(now: Instant): Pick<FoldSnapshot, 'targets' | 'accounts' | 'groups'> {
    const entries = [...this.#settings.values()];
    return {
      targets: entries.flatMap((entry) => (entry.kind === 'target' ? entry.snapshot() : [])),
      accounts: entries.flatMap((entry) => (entry.kind === 'account' ? entry.snapshot(now) : [])),
      groups: [...this.#groups.values()].flatMap((group) => group.snapshot() ?? []),
    };
  }

  /** Takes an account's limits out of force, for others of its group as well. */
  #release(entry: AccountEntry): void {
    for (const { target } of entry.limits.values()) this.#limits.delete(target);
    entry.group.members.delete(entry);
  }

  #group(name: string): BackendGroup {
    const group = this.#groups.get(name) ?? new BackendGroup(name);
    this.#groups.set(name, group);
    return group;
  }
}

/** Whether the entry is of the kind that the version needs. A deletion, and what cannot be read, is taken by either. */
function isOfKind({ kind }: FoldEntry, { content }: SettingVersion): boolean {
  switch (content.kind) {
    case 'tombstone':
    case 'moved':
    case 'unreadable':
      return true;
    default:
      return (kind === 'account') === (content.kind === 'rateLimit');
  }
}
