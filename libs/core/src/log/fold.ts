import { assert, never } from '../lang/assert.ts';
import { latest } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { isAbove, sampleEnd } from '../metric/sample.ts';
import type { SourcePosition } from '../metric/sample.ts';
import { askedMetrics } from '../setting/metric-keys.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import type { TargetId } from '../lang/target.ts';
import type { TopicMessage } from '../audit/record.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { DueQueue } from './due-queue.ts';
import { evaluate } from './evaluate.ts';
import type { DecideFunction } from './evaluate.ts';
import type { Frame, LoggedEvent, LogEvent } from './event.ts';
import { SeriesIndex } from './series-index.ts';
import type { FoldSnapshot } from './snapshot.ts';
import { evaluationSpacingMs, TargetEntry } from './target-entry.ts';

/** What is the same for every event of one partition. */
export interface FoldIdentity {
  readonly logId: string;
  readonly partition: number;
  readonly codeVersion: string;
}

/** Counts since the fold was made; not part of its state. */
export interface FoldCounts {
  events: number;
  samples: number;
  /** Samples whose source position was folded before. */
  duplicates: number;
  /** Samples that ended after log time when they came: their producer's clock is ahead of the broker's. */
  ahead: number;
  /** Samples that were not kept because their metric has too many series. */
  refused: number;
  evaluations: number;
  errors: number;
  unreadable: number;
}

/**
 * The fold over one partition of the log: `(state, event) → (state, messages)`. Time in it is the greatest enqueued time
 * so far; there is no clock, timer, randomness or I/O. The same events give the same messages and ids in every process.
 */
export class PartitionFold {
  readonly identity: FoldIdentity;
  readonly counts: FoldCounts = {
    events: 0,
    samples: 0,
    duplicates: 0,
    ahead: 0,
    refused: 0,
    evaluations: 0,
    errors: 0,
    unreadable: 0,
  };
  readonly cold: boolean;
  readonly #decide: DecideFunction | undefined;
  #sequence: number;
  #now = 0 as Instant;
  #startedAt: Instant | undefined;
  readonly #sources = new Map<string, SourcePosition>();
  readonly #targets = new Map<TargetId, TargetEntry>();
  readonly #series = new SeriesIndex();
  readonly #due = new DueQueue<TargetId>();
  #dirty = new Set<TargetId>();

  /** `afterSequence`: the last event before the first one that is folded, −1 for a whole log. `cold`: there were earlier ones. */
  constructor(identity: FoldIdentity, afterSequence = -1, decide?: DecideFunction, cold = false) {
    this.identity = identity;
    this.#sequence = afterSequence;
    this.#decide = decide;
    this.cold = cold;
  }

  /** The last event that was folded. */
  get sequence(): number {
    return this.#sequence;
  }

  get now(): Instant {
    return this.#now;
  }

  /** The version of the target's setting that is folded; 0 where there is none. */
  versionOf(target: TargetId): number {
    return this.#targets.get(target)?.version.version ?? 0;
  }

  /** Folds one event; an event that was folded before changes nothing. A gap is the caller's to notice. */
  apply(logged: LoggedEvent): readonly TopicMessage[] {
    if (logged.sequence <= this.#sequence) return [];
    this.#sequence = logged.sequence;
    this.#now = latest(this.#now, logged.enqueuedAt);
    this.#startedAt ??= this.#now;
    this.counts.events++;
    this.#take(logged.event);
    return this.#evaluateDue();
  }

  snapshot(): FoldSnapshot {
    return {
      sequence: this.#sequence,
      now: this.#now,
      startedAt: this.#startedAt ?? this.#now,
      cold: this.cold,
      sources: [...this.#sources],
      targets: [...this.#targets.values()].map((entry) => entry.snapshot()),
      series: this.#series.snapshots(),
    };
  }

  static restore(
    identity: FoldIdentity,
    snapshot: FoldSnapshot,
    decide?: DecideFunction,
  ): PartitionFold {
    const fold = new PartitionFold(identity, snapshot.sequence, decide, snapshot.cold);
    fold.#now = snapshot.now;
    fold.#startedAt = snapshot.startedAt;
    for (const [source, position] of snapshot.sources) fold.#sources.set(source, position);
    for (const target of snapshot.targets) fold.#adopt(TargetEntry.of(target));
    for (const series of snapshot.series) fold.#series.restore(series);
    return fold;
  }

  #take(event: LogEvent): void {
    switch (event.kind) {
      case 'frame':
        this.#takeFrame(event);
        break;
      case 'setting':
        this.#takeSetting(event.version);
        break;
      case 'started':
        this.#targets.get(event.started.target)?.started(event.started);
        break;
      case 'outcome':
        this.#takeOutcome(event.outcome);
        break;
      case 'capacity':
        if (this.#targets.get(event.observation.target)?.observed(event.observation, this.#now)) {
          this.#markDirty(event.observation.target);
        }
        break;
      case 'tick':
        break;
      case 'unreadable':
        this.counts.unreadable++;
        break;
      default:
        never(event);
    }
  }

  #takeOutcome(outcome: Outcome): void {
    this.#targets.get(outcome.target)?.outcome(outcome, this.#now, this.identity.logId);
    this.#markDirty(outcome.target);
  }

  /** A frame that comes again, whole or in other pieces, is dropped sample by sample. */
  #takeFrame(frame: Frame): void {
    const high = this.#sources.get(frame.source);
    for (const { sample, position } of frame.samples) {
      if (high !== undefined && !isAbove(position, high)) {
        this.counts.duplicates++;
        continue;
      }
      this.counts.samples++;
      if (sampleEnd(sample) > this.#now) this.counts.ahead++;
      const readers = this.#series.put(sample, frame.path, this.#now);
      if (readers === 'refused') this.counts.refused++;
      else for (const target of readers) this.#markDirty(target);
    }
    if (high === undefined || isAbove(frame.last, high))
      this.#sources.set(frame.source, frame.last);
  }

  #takeSetting(version: SettingVersion): void {
    const known = this.#targets.get(version.target);
    if (known !== undefined && version.version <= known.version.version) return;
    const entry = known ?? this.#newEntry(version);
    const before = askedMetrics(entry.version.content);
    entry.version = version;
    const asked = askedMetrics(version.content);
    for (const key of before.keys()) {
      if (asked.has(key)) continue;
      this.#series.drop(key, version.target);
      entry.asked.delete(key);
    }
    for (const [key, metric] of asked) {
      this.#series.ask(key, metric, version.target);
      if (!entry.asked.has(key)) entry.asked.set(key, this.#now);
    }
    this.#markDirty(version.target);
  }

  #newEntry(version: SettingVersion): TargetEntry {
    const entry = new TargetEntry(version);
    // After a cold start nobody knows when the last action was: it may have been just now.
    if (this.cold && this.#startedAt !== undefined) {
      entry.state = { ...entry.state, lastActionAt: this.#startedAt };
    }
    this.#targets.set(version.target, entry);
    return entry;
  }

  #adopt(entry: TargetEntry): void {
    this.#targets.set(entry.target, entry);
    for (const [key, metric] of askedMetrics(entry.version.content)) {
      this.#series.ask(key, metric, entry.target);
    }
    if (entry.dirty) this.#dirty.add(entry.target);
    if (entry.dueAt !== undefined) this.#due.push(entry.dueAt, entry.target);
  }

  #markDirty(target: TargetId): void {
    const entry = this.#targets.get(target);
    if (entry === undefined) return;
    entry.dirty = true;
    this.#dirty.add(target);
  }

  /** After each event: whoever is dirty or due, in the order of their ids, each at most once a second. */
  #evaluateDue(): readonly TopicMessage[] {
    const candidates = this.#dirty;
    this.#dirty = new Set();
    for (const target of this.#due.take(this.#now)) {
      const dueAt = this.#targets.get(target)?.dueAt;
      if (dueAt !== undefined && dueAt <= this.#now) candidates.add(target);
    }
    if (candidates.size === 0) return [];
    const messages: TopicMessage[] = [];
    for (const target of [...candidates].sort()) {
      const entry = this.#targets.get(target);
      assert(entry !== undefined, 'a candidate is a target of this fold');
      this.#evaluate(entry, messages);
    }
    return messages;
  }

  #evaluate(entry: TargetEntry, messages: TopicMessage[]): void {
    const spacedAt = (entry.lastEvaluatedAt ?? -Infinity) + evaluationSpacingMs;
    if (this.#now < spacedAt) {
      this.#schedule(entry, spacedAt as Instant);
      return;
    }
    entry.dirty = false;
    if (entry.version.content.kind === 'tombstone') {
      entry.dueAt = undefined;
      return;
    }
    this.counts.evaluations++;
    const position = { ...this.identity, sequence: this.#sequence, now: this.#now };
    const found = evaluate(entry, this.#series, position, this.#decide);
    if (found.error) this.counts.errors++;
    messages.push(...found.messages);
    this.#schedule(entry, found.dueAt);
  }

  /** An entry's due time is in the queue already where it did not move: a busy target is asked again at each event. */
  #schedule(entry: TargetEntry, dueAt: Instant): void {
    if (entry.dueAt === dueAt) return;
    entry.dueAt = dueAt;
    this.#due.push(dueAt, entry.target);
  }
}
