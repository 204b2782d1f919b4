import { after } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { idOf } from '../lang/hash.ts';
import type { TopicMessage } from '../audit/record.ts';
import type { ScaleCommand } from '../command/command.ts';
import { judge } from '../decision/decide.ts';
import type { Decision, LogPosition, Verdict } from '../decision/decision.ts';
import { failedJudgement, unreadableText } from '../decision/failed-judgement.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { Rule } from '../setting/autoscale-setting.ts';
import { defaultPolicy } from '../setting/policy.ts';
import type { TimeZones } from '../setting/time-zone.ts';
import { acted } from './action-history.ts';
import { heartbeatMs, startWithinMs } from './target-entry.ts';
import type { TargetEntry } from './target-entry.ts';

/** `judge`, or a test's stand-in for one that fails. */
export type JudgeFunction = typeof judge;

/** Where and when in the log the evaluation takes place. */
export interface EvaluationPlace {
  readonly logId: string;
  readonly partition: number;
  readonly sequence: number;
  readonly codeVersion: string;
  readonly now: Instant;
  readonly zones: TimeZones;
}

/** Decides on one target, changes its entry accordingly and adds to `messages` what goes to the topic. */
export function evaluate(
  entry: TargetEntry,
  place: EvaluationPlace,
  messages: TopicMessage[],
  judgeWith: JudgeFunction = judge,
): Judgement {
  const judgement = judgementOf(entry, place, judgeWith, false);
  entry.lastEvaluatedAt = place.now;
  const record = recordKind(entry, judgement, place.now);
  if (record === undefined) {
    entry.unchanged++;
  } else {
    // The same again, in words: most evaluations need none.
    const verdict = judgementOf(entry, place, judgeWith, true).verdict();
    messages.push(messageOf(entry, judgement, toRecord(entry, verdict, place, record)));
  }
  if (judgement.wantsCapacity && entry.mayAskCapacity(place.now)) {
    entry.readAskedAt = place.now;
    messages.push(readMessage(entry, place));
  }
  return judgement;
}

/** An error inside one setting holds that setting, never the partition. */
function judgementOf(
  entry: TargetEntry,
  { now, zones }: EvaluationPlace,
  judgeWith: JudgeFunction,
  inWords: boolean,
): Judgement {
  const { content } = entry.version;
  if (content.kind !== 'setting') return failedJudgement(entry.state, now, unreadableText(content));
  const { setting, policy, overrides } = content;
  try {
    const active = entry.activeAt(now, zones);
    const { switchAt } = entry;
    const windows = entry.windowsOf(active?.index ?? 0);
    const input = {
      setting,
      policy,
      overrides,
      active,
      switchAt,
      state: entry.state,
      read: (_: Rule, index: number, lastGoodMs: Millis) => windows.read(index, now, lastGoodMs),
      now,
    };
    return judgeWith(input, inWords);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return failedJudgement(entry.state, now, text);
  }
}

/** Every action, every change of (outcome, reason, profile), and a heartbeat; with `auditLevel: all` everything. */
function recordKind(
  entry: TargetEntry,
  { outcome, reason, profile }: Judgement,
  now: Instant,
): Decision['record'] | undefined {
  const { last } = entry;
  if (outcome !== 'Hold') return 'action';
  const same = last?.outcome === outcome && last.reason === reason && last.profile === profile;
  if (!same) return 'change';
  if (policyOf(entry).auditLevel === 'all') return 'all';
  return beatOf(entry, now) > beatOf(entry, last.at) ? 'heartbeat' : undefined;
}

/** Heartbeats are counted in a phase of the target's own: settings that came together do not all speak together. */
function beatOf({ phase }: TargetEntry, at: Instant): number {
  return Math.floor((at - (phase % heartbeatMs)) / heartbeatMs);
}

function toRecord(
  entry: TargetEntry,
  verdict: Verdict,
  place: EvaluationPlace,
  record: Decision['record'],
): Decision {
  const { unchanged, state } = entry;
  const { outcome, reason, profile } = verdict;
  entry.last = { outcome, reason, at: place.now, ...(profile === undefined ? {} : { profile }) };
  entry.unchanged = 0;
  const mode = policyOf(entry).mode;
  const kind = outcome !== 'Hold' && mode === 'act' ? 'scale' : 'decision';
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

/** An action in mode `act` is a command and waits for its outcome; in `observe` only its cooldown starts. */
function messageOf(entry: TargetEntry, judgement: Judgement, decision: Decision): TopicMessage {
  const { outcome, mode, at } = decision;
  if (outcome === 'Hold') return { kind: 'decision', decision };
  const direction = outcome === 'ScaleOut' ? 'out' : 'in';
  const cooldownMs = winnersCooldownMs(judgement);
  const rest = { direction, ...(cooldownMs === undefined ? {} : { cooldownMs }) } as const;
  if (mode !== 'act') {
    entry.state = acted(entry.state, { at, ...rest });
    return { kind: 'decision', decision };
  }
  const command = commandOf(decision);
  const { id: commandId, to, decidedAt, startBy } = command;
  const inFlight = { commandId, to, decidedAt, startBy, started: false, ...rest };
  entry.state = { ...entry.state, inFlight };
  return { kind: 'scale', command, decision };
}

function winnersCooldownMs({ winner, active }: Judgement): Millis | undefined {
  return winner === undefined ? undefined : active?.profile.rules[winner]?.action.cooldownMs;
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

/** What says that the entry's version took force here. */
export function settingMessage(entry: TargetEntry, place: EvaluationPlace): TopicMessage {
  const { target, version } = entry;
  const id = idFor(entry, place, 'setting');
  return { kind: 'setting', setting: { id, target, at: place.now, version } };
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
