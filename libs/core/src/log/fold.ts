import { never } from '../lang/assert.ts';
import { latest } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { isAbove, sampleEnd } from '../metric/sample.ts';
import type { Sample, SourcePosition } from '../metric/sample.ts';
import { isGone } from '../setting/group.ts';
import { TimeZones } from '../setting/time-zone.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import type { TargetId } from '../lang/target.ts';
import type { TopicMessage } from '../audit/record.ts';
import { SettingCompactor } from './compact-setting.ts';
import { Agenda } from './agenda.ts';
import { evaluate } from './evaluate.ts';
import type { JudgeFunction } from './evaluate.ts';
import { evaluateAccount } from './evaluate-account.ts';
import { evaluatePool } from './evaluate-pool.ts';
import { evaluateShadow } from './evaluate-shadow.ts';
import { noCounts } from './fold-counts.ts';
import type { FoldCounts } from './fold-counts.ts';
import { FoundMessages } from './found-messages.ts';
import type { Frame, LoggedEvent, LogEvent } from './event.ts';
import { FoldEntries } from './fold-entries.ts';
import { takeLeave } from './leaving-limit.ts';
import type { Evaluated, FoldEntry } from './fold-entries.ts';
import { settingMessage } from './record.ts';
import type { EvaluationPlace, FoldIdentity } from './record.ts';
import { SeriesIndex } from './series-index.ts';
import type { EntrySnapshot, FoldSnapshot } from './snapshot.ts';
import { evaluationSpacingMs, nextTurn } from './turn.ts';
import { turnsOf, watchAgain, watchSetting } from './watch-setting.ts';

/** Evaluations between two pauses of `steps`: a few milliseconds. */
const evaluationsPerStep = 500;

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
  readonly #entries: FoldEntries;
  readonly #series = new SeriesIndex<Evaluated>();
  readonly #zones = new TimeZones();
  readonly #compactor = new SettingCompactor();
  readonly #agenda = new Agenda();

  /** `afterSequence`: the last event before the first one that is folded, −1 for a whole log. `cold`: there were earlier ones. */
  constructor(
    identity: FoldIdentity,
    afterSequence = -1,
    judge?: JudgeFunction,
    cold = false,
    entries = new FoldEntries(),
  ) {
    this.#entries = entries;
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

  /** Before it an event that brings nothing changes nothing; absent where only data can. */
  get dueAt(): Instant | undefined {
    return this.#agenda.dueAt(this.#now);
  }

  /** The version of the target's setting that is folded; 0 where there is none. */
  versionOf(target: TargetId): number {
    return this.#entries.get(target)?.version.version ?? 0;
  }

  /** Targets of the settings that may name a group, and go to another partition with it. */
  grouped(): Iterable<TargetId> {
    return this.#entries.grouped();
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
      ...this.#entries.snapshot(this.#now),
      series: this.#series.snapshots(),
    };
  }

  static restore(
    identity: FoldIdentity,
    snapshot: FoldSnapshot,
    judge?: JudgeFunction,
  ): PartitionFold {
    const entries = new FoldEntries(snapshot.groups);
    const { sequence, cold } = snapshot;
    const fold = new PartitionFold(identity, sequence, judge, cold, entries);
    fold.#now = snapshot.now;
    fold.#startedAt = snapshot.startedAt;
    for (const [source, position] of snapshot.sources) fold.#sources.set(source, position);
    for (const [entry, known] of entries.resume(snapshot)) fold.#adopt(entry, known);
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
        this.#entries.started(event.started);
        break;
      case 'outcome': {
        const { logId } = this.identity;
        this.#changed(this.#entries.outcome(event.outcome, this.#now, logId));
        break;
      }
      case 'capacity':
        this.#changed(this.#entries.observed(event.observation, this.#now));
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
      else for (const entry of readers) this.#saw(entry, sample);
    }
    if (high === undefined || isAbove(frame.last, high))
      this.#sources.set(frame.source, frame.last);
  }

  /** Windows read an autoscale setting's samples later; what others need of them is taken as they come. */
  #saw(entry: Evaluated, sample: Sample): void {
    if (entry.kind !== 'target' && entry.kind !== 'shadow') entry.take(sample, this.#now);
    this.#agenda.markDirty(entry);
  }

  #takeSetting(version: SettingVersion, said: TopicMessage[]): void {
    const known = this.#entries.get(version.target);
    if (known !== undefined && version.version <= known.version.version) return;
    const compact = this.#compactor.compact(version);
    const entry = this.#entries.for(compact, this.cold ? this.#startedAt : undefined);
    const watches = watchSetting(this.#series, known, entry, compact, this.#now);
    const leaving = this.#entries.replace(entry, compact, watches, this.#now);
    const place = this.#place();
    said.push(settingMessage(compact, place));
    for (const limit of leaving) takeLeave(limit, compact, place, said);
    this.#changed(entry);
  }

  /** What a setting knows of its target changed, and so for its shadows. */
  #changed(entry: FoldEntry | undefined): void {
    if (entry === undefined) return;
    for (const one of turnsOf(entry)) this.#agenda.markDirty(one);
  }

  #adopt(entry: FoldEntry, saved: EntrySnapshot): void {
    const compact = this.#compactor.compact(entry.version);
    const watches = watchAgain(this.#series, entry, compact, saved, this.#now);
    this.#entries.replace(entry, compact, watches, this.#now);
    for (const one of turnsOf(entry)) this.#agenda.resume(one);
  }

  /** After each message: whoever is dirty or due, each at most once a second. */
  *#evaluateDue(said: TopicMessage[]): Generator<undefined, void> {
    const found = new FoundMessages();
    const place = this.#place();
    let evaluated = 0;
    for (const entry of this.#agenda.take(this.#now)) {
      this.#evaluate(entry, place, found);
      if (++evaluated % evaluationsPerStep === 0) yield undefined;
    }
    found.addTo(said);
  }

  #evaluate(entry: Evaluated, place: EvaluationPlace, found: FoundMessages): void {
    const spacedAt = (entry.lastEvaluatedAt ?? -Infinity) + evaluationSpacingMs;
    if (this.#now < spacedAt) {
      this.#agenda.schedule(entry, spacedAt as Instant);
      return;
    }
    entry.dirty = false;
    if (isGone(entry.version)) {
      entry.dueAt = undefined;
      return;
    }
    this.counts.evaluations++;
    const dueAt = this.#decide(entry, place, found.next);
    found.keep(entry);
    this.#agenda.schedule(entry, dueAt);
  }

  #decide(entry: Evaluated, place: EvaluationPlace, messages: TopicMessage[]): Instant {
    switch (entry.kind) {
      case 'target': {
        const judgement = evaluate(entry, place, messages, this.#judge);
        if (judgement.reason === 'Error') this.counts.errors++;
        return entry.nextDueAt(judgement, this.#now);
      }
      case 'shadow': {
        const found = evaluateShadow(entry, place, this.#judge);
        messages.push(...found.messages);
        if (found.judgement.reason === 'Error') this.counts.errors++;
        return nextTurn(entry.phase, found.judgement.dueAt, this.#now);
      }
      case 'account':
        return evaluateAccount(entry, place, messages);
      case 'pool':
        return evaluatePool(entry, place, messages);
    }
  }

  #place(): EvaluationPlace {
    return { ...this.identity, sequence: this.#sequence, now: this.#now, zones: this.#zones };
  }
}
