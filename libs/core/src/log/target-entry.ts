import type { Instant } from '../lang/instant.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import { readPatienceMs } from '../decision/guards.ts';
import { ScaledTarget } from './scaled-target.ts';
import { SettingAtWork } from './setting-at-work.ts';
import type { Watch } from './setting-at-work.ts';
import { ShadowEntry } from './shadow-entry.ts';
import type { TargetSnapshot } from './snapshot.ts';
import { nextTurn } from './turn.ts';

/** An autoscale setting: the target that it decides on, its content at work, and the shadows beside it. */
export class TargetEntry extends ScaledTarget {
  readonly kind = 'target';
  version: SettingVersion;
  readonly work: SettingAtWork;
  /** In the order of the version. */
  shadows: readonly ShadowEntry[] = noShadows;
  dirty = true;
  lastEvaluatedAt: Instant | undefined;
  dueAt: Instant | undefined;

  constructor(version: SettingVersion) {
    super(version.target);
    this.version = version;
    this.work = new SettingAtWork(version.content);
  }

  get watches(): readonly Watch[] {
    return this.work.watches;
  }

  /** Puts another version to work, with the metrics that it watches. */
  replace(version: SettingVersion, watches: readonly Watch[]): void {
    this.version = version;
    this.work.replace(version.content, watches);
  }

  /** When to look again although nothing came: an unanswered question is asked again. */
  nextDueAt({ dueAt, wantsCapacity }: Judgement, now: Instant): Instant {
    const { readAskedAt, phase } = this;
    if (!wantsCapacity || readAskedAt === undefined) return nextTurn(phase, dueAt, now);
    const askAt = readAskedAt + readPatienceMs;
    return nextTurn(phase, Math.min(askAt, dueAt ?? askAt) as Instant, now);
  }

  snapshot(): TargetSnapshot {
    const { target, version, dirty, lastEvaluatedAt, dueAt, shadows } = this;
    return {
      target,
      version,
      dirty,
      asked: this.work.asked(),
      ...this.progress(),
      ...(lastEvaluatedAt === undefined ? {} : { lastEvaluatedAt }),
      ...(dueAt === undefined ? {} : { dueAt }),
      ...(shadows.length === 0 ? {} : { shadows: shadows.map((shadow) => shadow.snapshot()) }),
    };
  }

  /** Without its watches and those of its shadows. */
  static of(snapshot: TargetSnapshot): TargetEntry {
    const entry = new TargetEntry(snapshot.version);
    entry.resume(snapshot);
    entry.dirty = snapshot.dirty;
    entry.lastEvaluatedAt = snapshot.lastEvaluatedAt;
    entry.dueAt = snapshot.dueAt;
    const saved = snapshot.shadows ?? noShadows;
    entry.shadows = saved.map((one) => ShadowEntry.of(one, entry, snapshot.version));
    return entry;
  }
}

const noShadows: readonly never[] = [];
