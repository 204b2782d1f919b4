import { never } from '../lang/assert.ts';
import { latest } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { isAbove, sampleEnd } from '../metric/sample.ts';
import type { SourcePosition } from '../metric/sample.ts';
import { askedMetrics } from '../setting/metric-keys.ts';
import { TimeZones } from '../setting/time-zone.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import type { TargetId } from '../lang/target.ts';
import type { TopicMessage } from '../audit/record.ts';
import { SettingCompactor } from './compact-setting.ts';
import { DueQueue } from './due-queue.ts';
import { evaluate, settingMessage } from './evaluate.ts';
import type { EvaluationPlace, JudgeFunction } from './evaluate.ts';
import { noCounts } from './fold-counts.ts';
import type { FoldCounts } from './fold-counts.ts';
import { FoundMessages } from './found-messages.ts';
import type { Frame, LoggedEvent, LogEvent } from './event.ts';
import { SeriesIndex } from './series-index.ts';
import type { FoldSnapshot, TargetSnapshot } from './snapshot.ts';
import { evaluationSpacingMs, keyOf, TargetEntry } from './target-entry.ts';
import type { Watch } from './target-entry.ts';

/** Evaluations between two pauses of `steps`: a few milliseconds. */
const evaluationsPerStep = 500;

/** What is the same for every event of one partition. */
export interface FoldIdentity {
  readonly logId: string;
  readonly partition: number;
  readonly codeVersion: string;
}

/**
 * The fold over one partition of the log: `(state, event) → (state, messages)`. Time in it is the greatest enqueued time
 * so far; there is no clock, timer, randomness or I/O. The same events give the same messages and ids in every process.
 */
export class PartitionFold {
  readonly identity: FoldIdentity;
  readonly counts: FoldCounts = noCounts();
  readonly cold: boolean;
  readonly #judge: JudgeFunction | undefined;
  #sequence: number;
  #now = 0 as Instant;
  #startedAt: Instant | undefined;
  readonly #sources = new Map<string, SourcePosition>();
  readonly #targets = new Map<TargetId, TargetEntry>();
  readonly #series = new SeriesIndex<TargetEntry>();
  readonly #zones = new TimeZones();
  readonly #compactor = new SettingCompactor();
  readonly #due = new DueQueue<TargetEntry>(({ dueAt }) => dueAt);
  #dirty = new Set<TargetEntry>();

  /** `afterSequence`: the last event before the first one that is folded, −1 for a whole log. `cold`: there were earlier ones. */
  constructor(identity: FoldIdentity, afterSequence = -1, judge?: JudgeFunction, cold = false) {
    this.identity = identity;
    this.#sequence = afterSequence;
    this.#judge = judge;
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
  apply({ sequence, enqueuedAt, event }: LoggedEvent): readonly TopicMessage[] {
    return this.applyMessage(sequence, enqueuedAt, [event]);
  }

  /** Folds the events of one message, of which nobody sees one without the others: one evaluation follows them all. */
  applyMessage(
    sequence: number,
    enqueuedAt: Instant,
    events: readonly LogEvent[],
  ): readonly TopicMessage[] {
    const steps = this.steps(sequence, enqueuedAt, events);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  /**
   * `applyMessage` with pauses, in which the caller may let others run. The fold is between two states until the last step:
   * nothing else may be asked of it before.
   */
  *steps(
    sequence: number,
    enqueuedAt: Instant,
    events: readonly LogEvent[],
  ): Generator<undefined, readonly TopicMessage[]> {
    if (sequence <= this.#sequence) return [];
    this.#sequence = sequence;
    this.#now = latest(this.#now, enqueuedAt);
    this.#startedAt ??= this.#now;
    const said: TopicMessage[] = [];
    for (const event of events) {
      this.counts.events++;
      this.#take(event, said);
    }
    yield* this.#evaluateDue(said);
    return said;
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
    judge?: JudgeFunction,
  ): PartitionFold {
    const fold = new PartitionFold(identity, snapshot.sequence, judge, snapshot.cold);
    fold.#now = snapshot.now;
    fold.#startedAt = snapshot.startedAt;
    for (const [source, position] of snapshot.sources) fold.#sources.set(source, position);
    for (const target of snapshot.targets) fold.#adopt(target);
    for (const series of snapshot.series) fold.#series.restore(series);
    return fold;
  }

  #take(event: LogEvent, said: TopicMessage[]): void {
    switch (event.kind) {
      case 'frame':
        this.#takeFrame(event);
        break;
      case 'setting':
        this.#takeSetting(event.version, said);
        break;
      case 'started':
        this.#targets.get(event.started.target)?.started(event.started);
        break;
      case 'outcome': {
        const entry = this.#targets.get(event.outcome.target);
        entry?.outcome(event.outcome, this.#now, this.identity.logId);
        this.#markDirty(entry);
        break;
      }
      case 'capacity': {
        const entry = this.#targets.get(event.observation.target);
        if (entry?.observed(event.observation, this.#now) === true) this.#markDirty(entry);
        break;
      }
      case 'tick':
        break;
      case 'unreadable':
        this.counts.unreadable++;
        break;
      default:
        never(event);
    }
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
      else for (const entry of readers) this.#markDirty(entry);
    }
    if (high === undefined || isAbove(frame.last, high))
      this.#sources.set(frame.source, frame.last);
  }

  #takeSetting(version: SettingVersion, said: TopicMessage[]): void {
    const known = this.#targets.get(version.target);
    if (known !== undefined && version.version <= known.version.version) return;
    const compact = this.#compactor.compact(version);
    const entry = known ?? this.#newEntry(compact);
    const before = entry.watches;
    const watches = this.#watch(
      entry,
      compact,
      new Map(before.map((one) => [keyOf(one), one.since])),
    );
    const kept = new Set(watches.map(({ series }) => series));
    for (const watch of before) {
      if (!kept.has(watch.series)) this.#series.drop(watch.series, entry);
    }
    entry.replace(compact, watches);
    said.push(settingMessage(entry, this.#place()));
    this.#markDirty(entry);
  }

  /** Asks for every metric of the setting; one that was asked for before goes on. */
  #watch(
    entry: TargetEntry,
    { content }: SettingVersion,
    since: ReadonlyMap<string, Instant>,
  ): readonly Watch[] {
    return [...askedMetrics(content)].map(([key, metric]) => ({
      series: this.#series.ask(metric, entry),
      since: since.get(key) ?? this.#now,
    }));
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

  #adopt(snapshot: TargetSnapshot): void {
    const entry = TargetEntry.of(snapshot);
    this.#targets.set(entry.target, entry);
    const compact = this.#compactor.compact(entry.version);
    entry.replace(compact, this.#watch(entry, compact, new Map(snapshot.asked)));
    if (entry.dirty) this.#dirty.add(entry);
    if (entry.dueAt !== undefined) this.#due.push(entry.dueAt, entry);
  }

  #markDirty(entry: TargetEntry | undefined): void {
    if (entry === undefined) return;
    entry.dirty = true;
    this.#dirty.add(entry);
  }

  /** After each message: whoever is dirty or due, each at most once a second. */
  *#evaluateDue(said: TopicMessage[]): Generator<undefined, void> {
    const dirty = this.#dirty;
    if (dirty.size > 0) this.#dirty = new Set();
    const found = new FoundMessages();
    const place = this.#place();
    let evaluated = 0;
    for (const entries of [dirty, this.#due.take(this.#now)]) {
      for (const entry of entries) {
        this.#evaluate(entry, place, found);
        if (++evaluated % evaluationsPerStep === 0) yield undefined;
      }
    }
    found.addTo(said);
  }

  #evaluate(entry: TargetEntry, place: EvaluationPlace, found: FoundMessages): void {
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
    const judgement = evaluate(entry, place, found.next, this.#judge);
    if (judgement.reason === 'Error') this.counts.errors++;
    found.keep(entry.target, entry.phase);
    this.#schedule(entry, entry.nextDueAt(judgement, this.#now));
  }

  /** An entry's due time is in the queue already where it did not move: a busy target is asked again at each event. */
  #schedule(entry: TargetEntry, dueAt: Instant): void {
    if (entry.dueAt === dueAt) return;
    entry.dueAt = dueAt;
    this.#due.push(dueAt, entry);
  }

  #place(): EvaluationPlace {
    return { ...this.identity, sequence: this.#sequence, now: this.#now, zones: this.#zones };
  }
}
