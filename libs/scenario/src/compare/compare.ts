import { shadowsOf } from '@headroom/core';
import type { AuditRecord, Decision, Instant, Millis, SettingVersion } from '@headroom/core';
import type { ComparedDay, Comparison } from './comparison.ts';
import { Days } from './days.ts';
import { Side } from './side.ts';
import { SideCounts, Stretch } from './side-counts.ts';

export interface ComparedSpan {
  /** Records before it tell what was found at its begin. */
  readonly from: Instant;
  readonly until: Instant;
  /** IANA's name of the zone whose days are meant. */
  readonly timeZone: string;
}

/** How long before a span records are looked at for what was found at its begin. */
export { confirmedWithinMs as leadInMs } from './side.ts';

/**
 * Adds up what the setting in force and its shadows decided on one target, from their records in order of log time. Every
 * finding holds until the next record of the same side.
 */
export class Comparing {
  readonly #span: ComparedSpan;
  readonly #days: Days;
  readonly #sides = new Map<string, Side>([['', new Side(undefined)]]);
  readonly #stretches = new Map<string, Stretch>();
  readonly #finished: ComparedDay[] = [];
  readonly #versions = new Set<number>();
  #counts = new Map<string, SideCounts>();
  #now: Instant;
  #day = '';

  constructor(span: ComparedSpan) {
    this.#span = span;
    this.#days = new Days(span.timeZone);
    this.#now = span.from;
  }

  take(record: AuditRecord): void {
    if (record.kind === 'decision') this.#decided(record.decision);
    if (record.kind === 'setting') this.#changed(record.setting.version, record.setting.at);
  }

  /** When there are no more records. */
  finish(): Comparison {
    this.#goOn(this.#span.until);
    this.#endDay();
    const total = new Map<string, SideCounts>();
    for (const side of this.#finished.flatMap(({ sides }) => sides)) {
      of(total, side.shadow ?? '').add(side);
    }
    return {
      days: this.#finished,
      total: inOrder(total),
      versions: [...this.#versions].sort((a, b) => a - b),
    };
  }

  #decided(decision: Decision): void {
    this.#goOn(decision.at);
    const name = decision.shadow ?? '';
    const side = this.#sides.get(name) ?? new Side(decision.shadow);
    this.#sides.set(name, side);
    const kind = side.take(decision);
    if (decision.at < this.#span.from || decision.at >= this.#span.until) return;
    this.#versions.add(decision.setting.version);
    this.#day = this.#days.at(this.#now).name;
    const counts = of(this.#counts, name);
    if (kind === 'again') counts.movedAgain();
    if (kind === 'move' && decision.outcome !== 'Hold') counts.moved(decision.outcome);
  }

  /** Shadows that the version has no longer find nothing any more; without a setting nobody does. */
  #changed({ content }: SettingVersion, at: Instant): void {
    this.#goOn(at);
    const names = new Set(shadowsOf(content).map(({ name }) => name));
    const isGone = content.kind === 'tombstone';
    for (const name of this.#sides.keys()) {
      if (name === '' ? !isGone : names.has(name)) continue;
      this.#end(name);
      this.#sides.set(name, new Side(name === '' ? undefined : name));
    }
  }

  /** What was found last held from `#now` to `at`, day by day. */
  #goOn(at: Instant): void {
    const end = Math.min(at, this.#span.until) as Instant;
    while (this.#now < end) {
      const { name, until: midnight } = this.#days.at(this.#now);
      this.#day = name;
      const until = Math.min(end, midnight) as Instant;
      this.#count(until);
      this.#now = until;
      if (until === midnight) this.#endDay();
    }
  }

  #count(until: Instant): void {
    const inForce = this.#sides.get('');
    for (const [name, side] of this.#sides) {
      const ms = this.#knownMs(side.knownUntil, until);
      if (ms > 0) of(this.#counts, name).found(side.held, ms);
      if (name === '' || inForce === undefined) continue;
      const both = Math.min(side.knownUntil, inForce.knownUntil) as Instant;
      this.#beside(name, inForce, side, this.#knownMs(both, until));
    }
  }

  #beside(name: string, inForce: Side, side: Side, ms: Millis): void {
    const [real, own] = [inForce.wanted, side.wanted];
    if (ms <= 0 || real === undefined || own === undefined) {
      this.#end(name);
      return;
    }
    of(this.#counts, name).wanted(real.count, own.count, ms);
    if (real.count === own.count) this.#end(name);
    else if (!this.#stretches.has(name)) {
      this.#stretches.set(name, new Stretch(this.#now, real, own));
    }
  }

  #knownMs(known: Instant, until: Instant): Millis {
    return Math.max(0, Math.min(known, until) - this.#now);
  }

  #end(name: string): void {
    const stretch = this.#stretches.get(name);
    if (stretch === undefined) return;
    this.#stretches.delete(name);
    of(this.#counts, name).differed(stretch.ended(this.#now));
  }

  /** A stretch that goes on over midnight is told of each day. */
  #endDay(): void {
    for (const name of this.#stretches.keys()) this.#end(name);
    if (this.#counts.size === 0) return;
    this.#finished.push({ day: this.#day, sides: inOrder(this.#counts) });
    this.#counts = new Map();
  }
}

function of(counts: Map<string, SideCounts>, name: string): SideCounts {
  let found = counts.get(name);
  if (found === undefined) {
    found = new SideCounts(name === '' ? undefined : name);
    counts.set(name, found);
  }
  return found;
}

/** The setting in force has no name, and comes first. */
function inOrder(counts: ReadonlyMap<string, SideCounts>) {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, side]) => side.get());
}
