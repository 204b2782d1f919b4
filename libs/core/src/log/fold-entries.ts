import type { Instant } from '../lang/instant.ts';
import type { TargetId } from '../lang/target.ts';
import { groupOf } from '../setting/group.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import type { CapacityObservation, Outcome, Started } from '../outcome/outcome.ts';
import { AccountEntry } from './account-entry.ts';
import { BackendGroup } from './backend-group.ts';
import type { LeavingLimit } from './leaving-limit.ts';
import type { LimitTarget } from './limit-target.ts';
import { PoolEntry } from './pool-entry.ts';
import type { ScaledTarget } from './scaled-target.ts';
import type { AccountSnapshot, EntrySnapshot, FoldSnapshot, GroupSnapshot } from './snapshot.ts';
import { TargetEntry } from './target-entry.ts';
import type { Watch } from './setting-at-work.ts';
import type { ShadowEntry } from './shadow-entry.ts';

/** A setting in the fold, by what it decides on: one target, the limits of an account, or the deployments of a quota pool. */
export type FoldEntry = TargetEntry | AccountEntry | PoolEntry;

/** Whoever has turns of evaluation of its own. */
export type Evaluated = FoldEntry | ShadowEntry;

/** What a setting of several targets has of one of them. */
type Part =
  | { readonly of: AccountEntry; readonly limit: LimitTarget }
  | { readonly of: PoolEntry; readonly limit?: undefined };

/** The settings of one partition, found by their own target and by the targets that they make commands for. */
export class FoldEntries {
  readonly #settings = new Map<TargetId, FoldEntry>();
  readonly #parts = new Map<TargetId, Part>();
  readonly #groups = new Map<string, BackendGroup>();

  constructor(groups: readonly GroupSnapshot[] = []) {
    for (const group of groups) this.#groups.set(group.name, new BackendGroup(group.name, group));
  }

  /** By the setting's target. */
  get(target: TargetId): FoldEntry | undefined {
    return this.#settings.get(target);
  }

  /** What cannot be read may be an account. */
  *grouped(): Generator<TargetId> {
    for (const { kind, target, version } of this.#settings.values()) {
      if (kind === 'account' || version.content.kind === 'unreadable') yield target;
    }
  }

  started(event: Started): void {
    const part = this.#parts.get(event.target);
    if (part?.of.kind === 'pool') part.of.started(event);
    else this.#scaled(event.target)?.started(event);
  }

  /** Answers whose turn it is to decide again. */
  outcome(outcome: Outcome, now: Instant, logId: string): FoldEntry | undefined {
    const { target } = outcome;
    const part = this.#parts.get(target);
    if (part?.of.kind === 'pool') part.of.outcome(outcome, now);
    else this.#scaled(target)?.outcome(outcome, now, logId);
    return part?.of ?? this.#settings.get(target);
  }

  /** Takes what the scaler found of a target. Answers for whom it changed anything to decide on. */
  observed(observation: CapacityObservation, now: Instant): FoldEntry | undefined {
    const { target } = observation;
    const part = this.#parts.get(target);
    const changed =
      part?.of.kind === 'pool'
        ? part.of.observed(observation, now)
        : this.#scaledObserved(observation, now);
    return changed ? (part?.of ?? this.#settings.get(target)) : undefined;
  }

  #scaledObserved(observation: CapacityObservation, now: Instant): boolean {
    const { target, availableTps } = observation;
    const changed = this.#scaled(target)?.observed(observation, now) === true;
    const part = this.#parts.get(target);
    if (part?.limit === undefined || availableTps === undefined) return changed;
    // ARM tells what is left beside what serves the defaults: raised limits of a gateway use up nothing there.
    const { sumTps, raisedTps } = part.of.group.allowed;
    return part.limit.projected(sumTps - raisedTps + availableTps) || changed;
  }

  #scaled(target: TargetId): ScaledTarget | undefined {
    const entry = this.#settings.get(target);
    return entry?.kind === 'target' ? entry : this.#parts.get(target)?.limit;
  }

  /**
   * The entry that takes the version, a new one where there is none of its kind. `coldSince`: nobody knows when the last
   * action was before, and it may have been just then.
   */
  for(version: SettingVersion, coldSince: Instant | undefined): FoldEntry {
    const known = this.#settings.get(version.target);
    if (known !== undefined && isOfKind(known, version)) return known;
    if (known !== undefined) this.#release(known);
    if (version.content.kind === 'rateLimit') return this.#addAccount(version);
    if (version.content.kind === 'quotaPool') return this.#keep(new PoolEntry(version));
    const entry = new TargetEntry(version);
    if (coldSince !== undefined) entry.state = { ...entry.state, lastActionAt: coldSince };
    return this.#keep(entry);
  }

  /** Takes up what was saved, each without its watches: `replace` brings them. */
  *resume(saved: FoldSnapshot): Generator<readonly [FoldEntry, EntrySnapshot]> {
    for (const target of saved.targets) yield [this.#keep(TargetEntry.of(target)), target];
    for (const account of saved.accounts ?? []) {
      yield [this.#addAccount(account.version, account), account];
    }
    for (const pool of saved.pools ?? []) {
      yield [this.#keep(new PoolEntry(pool.version, pool)), pool];
    }
  }

  /** Answers the limits of an account that the version has no longer. */
  replace(
    entry: FoldEntry,
    version: SettingVersion,
    watches: readonly Watch[],
    now: Instant,
  ): readonly LeavingLimit[] {
    this.#release(entry);
    switch (entry.kind) {
      case 'target':
        entry.replace(version, watches);
        return [];
      case 'pool':
        entry.replace(version, watches);
        for (const target of entry.targets) this.#parts.set(target, { of: entry });
        return [];
      case 'account':
        return this.#replaceAccount(entry, version, watches, now);
    }
  }

  snapshot(now: Instant): Pick<FoldSnapshot, 'targets' | 'accounts' | 'groups' | 'pools'> {
    const entries = [...this.#settings.values()];
    return {
      targets: entries.flatMap((entry) => (entry.kind === 'target' ? entry.snapshot() : [])),
      accounts: entries.flatMap((entry) => (entry.kind === 'account' ? entry.snapshot(now) : [])),
      pools: entries.flatMap((entry) => (entry.kind === 'pool' ? entry.snapshot(now) : [])),
      groups: [...this.#groups.values()].flatMap((group) => group.snapshot() ?? []),
    };
  }

  /** Takes what a setting decides on out of force, an account's limits for others of its group as well. */
  #release(entry: FoldEntry): void {
    if (entry.kind === 'target') return;
    const targets =
      entry.kind === 'pool'
        ? entry.targets
        : [...entry.limits.values()].map(({ target }) => target);
    for (const target of targets) this.#parts.delete(target);
    if (entry.kind === 'account') entry.group.members.delete(entry);
  }

  #replaceAccount(
    entry: AccountEntry,
    version: SettingVersion,
    watches: readonly Watch[],
    now: Instant,
  ): readonly LeavingLimit[] {
    // What cannot be read does not tell it.
    if (version.content.kind !== 'unreadable') entry.group = this.#group(groupOf(version));
    entry.group.members.add(entry);
    const leaving = entry.replace(version, watches, now);
    for (const limit of entry.limits.values()) this.#parts.set(limit.target, { limit, of: entry });
    return leaving;
  }

  #addAccount(version: SettingVersion, saved?: AccountSnapshot): AccountEntry {
    const group = this.#group(saved?.group ?? groupOf(version));
    return this.#keep(new AccountEntry(version, group, saved));
  }

  #keep<Entry extends FoldEntry>(entry: Entry): Entry {
    this.#settings.set(entry.target, entry);
    return entry;
  }

  #group(name: string): BackendGroup {
    const group = this.#groups.get(name) ?? new BackendGroup(name);
    this.#groups.set(name, group);
    return group;
  }
}

/** Whether the entry is of the kind that the version needs. A deletion, and what cannot be read, is taken by any. */
function isOfKind({ kind }: FoldEntry, { content }: SettingVersion): boolean {
  switch (content.kind) {
    case 'tombstone':
    case 'moved':
    case 'unreadable':
      return true;
    case 'setting':
      return kind === 'target';
    case 'rateLimit':
      return kind === 'account';
    case 'quotaPool':
      return kind === 'pool';
  }
}
