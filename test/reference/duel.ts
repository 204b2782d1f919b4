import { PartitionFold } from '@headroom/core';
import type {
  Decision,
  FoldIdentity,
  Instant,
  LogEvent,
  RuleReport,
  SettingContent,
  TargetId,
  TopicMessage,
} from '@headroom/core';
import { secondMs } from './durations.ts';
import { evaluate } from './evaluate.ts';
import { History } from './history.ts';
import type { Content, Event, Finding, Verdict } from './plain.ts';

/** Events that became known in one message of the log. */
export interface LogMessage {
  readonly sequence: number;
  readonly enqueuedAt: Instant;
  readonly events: readonly LogEvent[];
}

/** What the engine and the reference found for one evaluation, where it is not the same. */
export interface Disagreement {
  readonly sequence: number;
  readonly at: number;
  /** Members that differ: `reason`, `rules[0].observed`. */
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly what: string;
  readonly engine: unknown;
  readonly reference: unknown;
}

export const identity: FoldIdentity = { logId: 'made', partition: 0, codeVersion: 'reference' };

/** The engine's public door. */
export type Engine = Pick<PartitionFold, 'applyMessage'>;

/** One log, folded by the engine through its public door and worked out by the reference beside it. */
export class Duel {
  readonly #target: TargetId;
  readonly #reasons: Map<string, number>;
  readonly #engine: Engine;
  readonly #history = new History();
  #lastAt = -Infinity;
  #last: Decision | undefined;
  evaluations = 0;

  /** `reasons`: counts how often each was found. */
  constructor(
    target: TargetId,
    reasons = new Map<string, number>(),
    engine: Engine = new PartitionFold(identity),
  ) {
    this.#target = target;
    this.#reasons = reasons;
    this.#engine = engine;
  }

  /** What the engine says to the message; throws `Disagreed` where the reference finds something else. */
  meet(message: LogMessage): readonly TopicMessage[] {
    const { sequence, enqueuedAt, events } = message;
    for (const event of events) {
      this.#history.hear(heardOf(event, this.#target), enqueuedAt);
    }
    const said = this.#engine.applyMessage(sequence, enqueuedAt, events);
    const decided = said.find((one) => decisionOf(one)?.target === this.#target);
    const decision = decided === undefined ? undefined : decisionOf(decided);
    if (decision === undefined) this.#nothingMissed(sequence);
    else this.#compare(decision, decided?.kind === 'scale' ? decided.command.id : undefined);
    return said;
  }

  #compare(decision: Decision, commandId: string | undefined): void {
    const { now } = this.#history;
    const { sequence } = decision.position;
    const verdict = evaluate(this.#history);
    const differences = differencesOf(decision, verdict);
    if (differences.length > 0) throw new Disagreed({ sequence, at: now, differences });
    this.evaluations++;
    this.#reasons.set(verdict.reason, (this.#reasons.get(verdict.reason) ?? 0) + 1);
    const again = isSaidAgain(decision, verdict, this.#last);
    this.#last = decision;
    this.#lastAt = now;
    if (verdict.outcome === 'Hold' || again) return;
    const winner = verdict.winner === undefined ? undefined : this.#rule(verdict);
    this.#history.happenings.push({
      kind: 'decided',
      at: now,
      sequence,
      direction: verdict.outcome === 'ScaleOut' ? 'out' : 'in',
      ...(winner === undefined ? {} : { cooldownMs: winner.action.cooldownMs }),
      ...(commandId === undefined ? {} : { commandId }),
    });
  }

  /** Where the engine saw no reason to look again, what it found last must still hold. */
  #nothingMissed(sequence: number): void {
    const { now } = this.#history;
    const kind = this.#history.current?.content.kind;
    if (kind === undefined || kind === 'tombstone' || now - this.#lastAt < secondMs) return;
    const last = this.#last;
    // An action changes what it was decided on.
    if (last !== undefined && last.outcome !== 'Hold') return;
    if (last !== undefined && sequence % 3 !== 0) return;
    const { outcome, reason, profile } = evaluate(this.#history);
    const differences = [
      ...difference('outcome', last?.outcome, outcome),
      ...difference('reason', last?.reason, reason),
      ...difference('profile', last?.profile, profile),
    ].map((found) => ({ ...found, what: `not evaluated again: ${found.what}` }));
    if (differences.length > 0) throw new Disagreed({ sequence, at: now, differences });
  }

  #rule({ profile, winner }: Verdict) {
    const content = this.#history.current?.content;
    if (content?.kind !== 'setting') return undefined;
    return content.setting.profiles.find(({ name }) => name === profile)?.rules[winner ?? -1];
  }
}

/** What nobody carries out, and no cooldown holds, is found with every evaluation: it is one action, not many. */
function isSaidAgain({ mode }: Decision, found: Verdict, last: Decision | undefined): boolean {
  return (
    mode === 'observe' &&
    found.winner === undefined &&
    last?.outcome === found.outcome &&
    last.reason === found.reason &&
    last.profile === found.profile &&
    last.capacity.after === found.after
  );
}

export class Disagreed extends Error {
  readonly disagreement: Disagreement;

  constructor(disagreement: Disagreement) {
    const list = disagreement.differences.map(
      ({ what, engine, reference }) =>
        `${what}: the engine says ${text(engine)}, the reference ${text(reference)}`,
    );
    super(`at message ${disagreement.sequence}: ${list.join('; ')}`);
    this.disagreement = disagreement;
  }
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

/** What another target's events say is no concern of this one; samples are everybody's. */
const tick: Event = { kind: 'tick' };

/** What concerns the target and its autoscale setting; of everything else only the time. */
function heardOf(event: LogEvent, target: TargetId): Event {
  switch (event.kind) {
    case 'setting': {
      const { content, version } = event.version;
      const plain = plainOf(content);
      if (plain === undefined || event.version.target !== target) return tick;
      return { kind: 'setting', version: { version, content: plain } };
    }
    case 'started':
      return event.started.target === target ? event : tick;
    case 'outcome':
      return event.outcome.target === target ? event : tick;
    case 'capacity':
      return event.observation.target === target ? event : tick;
    default:
      return event;
  }
}

function decisionOf(message: TopicMessage): Decision | undefined {
  return message.kind === 'scale' || message.kind === 'decision' ? message.decision : undefined;
}

function differencesOf(decision: Decision, verdict: Verdict): readonly Difference[] {
  const { capacity, rules } = decision;
  return [
    ...difference('outcome', decision.outcome, verdict.outcome),
    ...difference('reason', decision.reason, verdict.reason),
    ...difference('profile', decision.profile, verdict.profile),
    ...difference('winner', decision.winner, verdict.winner),
    ...difference('capacity.before', capacity.before, verdict.before),
    ...difference('capacity.proposed', capacity.proposed, verdict.proposed),
    ...difference('capacity.after', capacity.after, verdict.after),
    ...difference('wantsCapacity', decision.wantsCapacity, verdict.asksCapacity),
    ...difference('rules', rules.length, verdict.rules.length),
    ...rules.flatMap((rule, index) => {
      const found = verdict.rules[index];
      return found === undefined ? [] : differencesOfRule(rule, found, `rules[${index}]`);
    }),
  ];
}

function differencesOfRule(rule: RuleReport, found: Finding, at: string): readonly Difference[] {
  const { reading } = rule;
  const engine = reading.kind === 'value' ? reading : undefined;
  const reference = found.reading.kind === 'value' ? found.reading : undefined;
  return [
    ...difference(`${at}.reading.kind`, reading.kind, found.reading.kind),
    ...difference(`${at}.completeness`, engine?.completeness, reference?.completeness),
    ...difference(`${at}.value`, engine?.value, reference?.value),
    ...difference(`${at}.samples`, engine?.samples, reference?.samples),
    ...difference(`${at}.frontier`, engine?.window.frontier, reference?.frontier),
    ...difference(`${at}.direction`, rule.direction, found.direction),
    ...difference(`${at}.observed`, rule.observed, found.observed),
    ...difference(`${at}.fired`, rule.fired, found.fired),
    ...difference(`${at}.proposed`, rule.proposed, found.proposed),
    ...difference(`${at}.cooldownLeftMs`, rule.cooldownLeftMs, found.cooldownLeftMs),
    ...difference(`${at}.projected`, rule.projected, found.projected),
  ];
}

function difference(what: string, engine: unknown, reference: unknown): readonly Difference[] {
  return same(engine, reference) ? [] : [{ what, engine, reference }];
}

/** Numbers within 1e-9 of their size. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** With those overrides that an autoscale setting knows; `undefined`: it is about something else. */
function plainOf(content: SettingContent): Content | undefined {
  switch (content.kind) {
    case 'setting': {
      const overrides = content.overrides.filter((override) => override.kind !== 'confirm');
      return { ...content, overrides };
    }
    case 'tombstone':
    case 'unreadable':
      return content;
    default:
      return undefined;
  }
}
