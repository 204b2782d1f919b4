import { after } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { idOf } from '../lang/hash.ts';
import type { TopicMessage } from '../audit/record.ts';
import type { ScaleCommand } from '../command/command.ts';
import { decide } from '../decision/decide.ts';
import type { Decision, LogPosition, TargetState, Verdict } from '../decision/decision.ts';
import { readWindow } from '../evaluation/read-window.ts';
import type { Rule, SettingContent } from '../setting/autoscale-setting.ts';
import { defaultPolicy } from '../setting/autoscale-setting.ts';
import { metricKey } from '../setting/metric-keys.ts';
import type { SeriesIndex } from './series-index.ts';
import { heartbeatMs, startWithinMs } from './target-entry.ts';
import type { TargetEntry } from './target-entry.ts';

/** `decide`, or a test's stand-in for one that fails. */
export type DecideFunction = typeof decide;

/** Where and when in the log the evaluation takes place. */
export interface EvaluationPlace {
  readonly logId: string;
  readonly partition: number;
  readonly sequence: number;
  readonly codeVersion: string;
  readonly now: Instant;
}

export interface Evaluation {
  readonly messages: readonly TopicMessage[];
  readonly dueAt: Instant;
  readonly error: boolean;
}

/** Decides on one target, changes its entry accordingly and says what goes to the topic. */
export function evaluate(
  entry: TargetEntry,
  series: SeriesIndex,
  place: EvaluationPlace,
  decideWith: DecideFunction = decide,
): Evaluation {
  const before = entry.state;
  const verdict = verdictOf(entry, series, place.now, decideWith);
  entry.lastEvaluatedAt = place.now;
  const messages: TopicMessage[] = [];
  const decision = toRecord(entry, verdict, before, place);
  if (decision !== undefined) messages.push(messageOf(entry, decision));
  if (verdict.wantsCapacity && entry.mayAskCapacity(place.now)) {
    entry.readAskedAt = place.now;
    messages.push(readMessage(entry, place));
  }
  return {
    messages,
    dueAt: entry.nextDueAt(verdict, place.now),
    error: verdict.reason === 'Error',
  };
}

/** An error inside one setting holds that setting, never the partition. */
function verdictOf(
  entry: TargetEntry,
  series: SeriesIndex,
  now: Instant,
  decideWith: DecideFunction,
): Verdict {
  const { content } = entry.version;
  if (content.kind !== 'setting') return errorVerdict(entry.state, unreadableText(content));
  const read = ({ trigger }: Rule) => {
    const key = metricKey(trigger.resource, trigger.metricName);
    return readWindow(trigger, series.get(key), entry.asked.get(key) ?? now, now);
  };
  try {
    return decideWith({ setting: content.setting, state: entry.state, read, now });
  } catch (error) {
    return errorVerdict(entry.state, error instanceof Error ? error.message : String(error));
  }
}

function unreadableText(content: SettingContent): string {
  return content.kind === 'unreadable' ? content.problems.join('; ') : 'the setting was deleted';
}

/** Longest error text that a record keeps. */
const errorTextMax = 500;

function errorVerdict({ capacity }: TargetState, text: string): Verdict {
  const before = capacity.kind === 'known' ? capacity.instances : undefined;
  return {
    outcome: 'Hold',
    reason: 'Error',
    capacity: before === undefined ? {} : { before, after: before },
    rules: [],
    trail: [{ step: 'error', answer: text.slice(0, errorTextMax) }],
    wantsCapacity: false,
  };
}

/** Every action, every change of (outcome, reason, profile), and a heartbeat; with `auditLevel: all` everything. */
function toRecord(
  entry: TargetEntry,
  verdict: Verdict,
  state: TargetState,
  place: EvaluationPlace,
): Decision | undefined {
  const record = recordKind(entry, verdict, place.now);
  if (record === undefined) {
    if (entry.last !== undefined) {
      entry.last = { ...entry.last, unchanged: entry.last.unchanged + 1 };
    }
    return undefined;
  }
  const unchanged = entry.last?.unchanged ?? 0;
  const { outcome, reason, profile } = verdict;
  entry.last = {
    outcome,
    reason,
    at: place.now,
    unchanged: 0,
    ...(profile === undefined ? {} : { profile }),
  };
  const mode = policyOf(entry).mode;
  const kind = verdict.outcome !== 'Hold' && mode === 'act' ? 'scale' : 'decision';
  return {
    ...verdict,
    id: idFor(entry, place, kind),
    target: entry.target,
    setting: { id: entry.version.id, version: entry.version.version },
    mode,
    at: place.now,
    position: positionOf(place),
    state,
    record,
    unchanged,
    codeVersion: place.codeVersion,
  };
}

function recordKind(
  entry: TargetEntry,
  verdict: Verdict,
  now: Instant,
): Decision['record'] | undefined {
  const { last } = entry;
  if (verdict.outcome !== 'Hold') return 'action';
  if (last === undefined || !sameFinding(last, verdict)) return 'change';
  if (policyOf(entry).auditLevel === 'all') return 'all';
  return now - last.at >= heartbeatMs ? 'heartbeat' : undefined;
}

function sameFinding(
  last: Pick<Verdict, 'outcome' | 'reason' | 'profile'>,
  verdict: Verdict,
): boolean {
  return (
    last.outcome === verdict.outcome &&
    last.reason === verdict.reason &&
    last.profile === verdict.profile
  );
}

/** An action in mode `act` is a command and waits for its outcome; in `observe` only its cooldown starts. */
function messageOf(entry: TargetEntry, decision: Decision): TopicMessage {
  if (decision.outcome === 'Hold') return { kind: 'decision', decision };
  if (decision.mode !== 'act') {
    entry.state = { ...entry.state, lastActionAt: decision.at };
    return { kind: 'decision', decision };
  }
  const command = commandOf(decision);
  entry.state = {
    ...entry.state,
    inFlight: {
      commandId: command.id,
      to: command.to,
      decidedAt: command.decidedAt,
      startBy: command.startBy,
      started: false,
    },
  };
  return { kind: 'scale', command, decision };
}

function commandOf({ id, target, capacity, reason, position, at }: Decision): ScaleCommand {
  return {
    kind: 'scale',
    id,
    target,
    expectedCapacity: capacity.before ?? 0,
    to: capacity.after ?? 0,
    reason,
    source: { kind: 'log', position },
    decidedAt: at,
    startBy: after(at, startWithinMs),
  };
}

function readMessage(entry: TargetEntry, place: EvaluationPlace): TopicMessage {
  const source = { kind: 'log', position: positionOf(place) } as const;
  const id = idFor(entry, place, 'read');
  return { kind: 'read', command: { kind: 'read', id, target: entry.target, source } };
}

/** With the target: settings without an ARM id have names, and two targets' settings may share one. */
function idFor({ target, version }: TargetEntry, place: EvaluationPlace, kind: string): string {
  const { logId, partition, sequence } = place;
  return idOf(logId, partition, sequence, target, version.id, version.version, kind);
}

function positionOf({ logId, partition, sequence }: EvaluationPlace): LogPosition {
  return { logId, partition, sequence };
}

function policyOf({ version }: TargetEntry) {
  return version.content.kind === 'setting' ? version.content.policy : defaultPolicy;
}
