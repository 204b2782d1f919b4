import type { Instant } from '../lang/instant.ts';
import type { TargetState } from '../decision/decision.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import { shadowContent } from '../setting/shadow.ts';
import { DecidedTarget } from './decided-target.ts';
import type { ScaledTarget } from './scaled-target.ts';
import { SettingAtWork } from './setting-at-work.ts';
import type { Watch } from './setting-at-work.ts';
import type { ShadowSnapshot } from './snapshot.ts';

/**
 * A candidate beside the setting in force. It sees the target's capacity, and holds while an operation changes it; cooldowns
 * and budgets count from what it decided itself. It is no `ScaledTarget`: nothing makes a command of it.
 */
export class ShadowEntry extends DecidedTarget {
  readonly kind = 'shadow';
  readonly name: string;
  /** Of the setting beside which it stands. */
  version: SettingVersion;
  readonly work: SettingAtWork;
  dirty = true;
  lastEvaluatedAt: Instant | undefined;
  dueAt: Instant | undefined;
  readonly #beside: ScaledTarget;

  /** A new one begins with the history of the setting in force, as an edited setting does. */
  constructor(name: string, beside: ScaledTarget, version: SettingVersion) {
    super(beside.target);
    this.name = name;
    this.version = version;
    this.#beside = beside;
    this.work = new SettingAtWork(this.#contentIn(version));
    this.state = historyOf(beside.state);
  }

  get watches(): readonly Watch[] {
    return this.work.watches;
  }

  replace(version: SettingVersion, watches: readonly Watch[]): void {
    this.version = version;
    this.work.replace(this.#contentIn(version), watches);
  }

  /** It is not among the shadows any more; turns that it has had given are passed over. */
  end(): void {
    const { target, id, version } = this.version;
    this.replace({ target, id, version, content: { kind: 'tombstone' } }, []);
  }

  /**
   * Takes over what is known of the target. An operation that is decided at this very instant does not count yet: whether
   * the setting in force or its shadow has the first turn must not matter.
   */
  look(now: Instant): void {
    const { capacity, inFlight } = this.#beside.state;
    const running = inFlight !== undefined && inFlight.decidedAt < now ? inFlight : undefined;
    if (this.state.capacity === capacity && this.state.inFlight === running) return;
    const known = { ...historyOf(this.state), capacity };
    this.state = running === undefined ? known : { ...known, inFlight: running };
  }

  #contentIn({ content }: SettingVersion): SettingVersion['content'] {
    return shadowContent(content, this.name) ?? { kind: 'tombstone' };
  }

  snapshot(): ShadowSnapshot {
    const { name, dirty, lastEvaluatedAt, dueAt } = this;
    return {
      name,
      dirty,
      asked: this.work.asked(),
      ...this.progress(),
      ...(lastEvaluatedAt === undefined ? {} : { lastEvaluatedAt }),
      ...(dueAt === undefined ? {} : { dueAt }),
    };
  }

  /** Without its watches. */
  static of(saved: ShadowSnapshot, beside: ScaledTarget, version: SettingVersion): ShadowEntry {
    const entry = new ShadowEntry(saved.name, beside, version);
    entry.resume(saved);
    entry.dirty = saved.dirty;
    entry.lastEvaluatedAt = saved.lastEvaluatedAt;
    entry.dueAt = saved.dueAt;
    return entry;
  }
}

/** Without what belongs to the operations of the setting in force. */
function historyOf({ inFlight: _, backoff: __, ...history }: TargetState): TargetState {
  return history;
}
