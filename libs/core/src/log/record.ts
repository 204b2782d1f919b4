import { after } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { idOf } from '../lang/hash.ts';
import type { TargetId } from '../lang/target.ts';
import type { TopicMessage } from '../audit/record.ts';
import type { ScaleCommand } from '../command/command.ts';
import type { Decision, LogPosition, TargetState, Verdict } from '../decision/decision.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import type { Mode } from '../setting/policy.ts';
import type { ProjectionQuery } from '../setting/rate-limit-policy.ts';
import type { TimeZones } from '../setting/time-zone.ts';
import { acted } from './action-history.ts';
import type { Action } from './action-history.ts';
import type { DecidedTarget } from './decided-target.ts';
import { startWithinMs } from '../decision/guards.ts';
import { heartbeatMs } from './scaled-target.ts';
import type { ScaledTarget } from './scaled-target.ts';

/** What is the same for every event of one partition. */
export interface FoldIdentity {
  readonly logId: string;
  readonly partition: number;
  readonly codeVersion: string;
}

/** Where and when in the log an evaluation takes place. */
export interface EvaluationPlace extends FoldIdentity {
  readonly sequence: number;
  readonly now: Instant;
  readonly zones: TimeZones;
}

/** By whose word something is decided on a target. */
interface Author {
  readonly version: SettingVersion;
  readonly mode: Mode;
  readonly auditLevel: 'changes' | 'all';
  /** The name of the shadow that decides. */
  readonly shadow?: string;
}

/** A target that commands are made for, and by whose word. */
export interface Subject extends Author {
  readonly scaled: ScaledTarget;
}

/** The same of one that nothing but decisions is said of. */
export interface DecidedSubject extends Author {
  readonly decided: DecidedTarget;
}

/**
 * Adds to `messages` what goes to the topic of what was found, and changes the target's state accordingly. `inWords` makes
 * the same judgement again with its trail: most findings need none.
 */
export function record(
  subject: Subject,
  judgement: Judgement,
  inWords: () => Verdict,
  place: EvaluationPlace,
  messages: TopicMessage[],
): void {
  const { scaled } = subject;
  const decided = { ...subject, decided: scaled };
  const decision = decisionToRecord(decided, judgement, inWords, place);
  if (decision !== undefined) messages.push(messageOf(subject, judgement, decision));
  if (judgement.wantsCapacity && scaled.mayAskCapacity(place.now)) {
    scaled.readAskedAt = place.now;
    messages.push(readMessage(subject, place));
  }
}

/** The decision where it goes on record; else it is counted. */
export function decisionToRecord(
  subject: DecidedSubject,
  judgement: Judgement,
  inWords: () => Verdict,
  place: EvaluationPlace,
): Decision | undefined {
  const kind = recordKind(subject, judgement, place.now);
  if (kind !== undefined) return toDecision(subject, inWords(), place, kind);
  subject.decided.unchanged++;
  return undefined;
}

/** Every action, every change of (outcome, reason, profile), and a heartbeat; with `auditLevel: all` everything. */
function recordKind(
  { decided, auditLevel, mode }: DecidedSubject,
  judgement: Judgement,
  now: Instant,
): Decision['record'] | undefined {
  const { outcome, reason, profile, limit, after: to } = judgement;
  const { last } = decided;
  const breached = limit?.spend.breach !== undefined;
  const same =
    last?.outcome === outcome &&
    last.reason === reason &&
    last.profile === profile &&
    (last.breached === true) === breached;
  // What nobody carries out is found again and again, where no cooldown holds it.
  const isRepeated = mode !== 'act' && isUncooled(judgement) && same && last.to === to;
  if (outcome !== 'Hold' && !isRepeated) return 'action';
  if (!same) return 'change';
  if (auditLevel === 'all') return 'all';
  return beatOf(decided, now) > beatOf(decided, last.at) ? 'heartbeat' : undefined;
}

/** Limits, bounds, pins and the default act whatever the cooldown. */
function isUncooled({ outcome, winner, limit }: Verdict | Judgement): boolean {
  return limit !== undefined || (outcome !== 'Hold' && winner === undefined);
}

/** Heartbeats are counted in a phase of the target's own: settings that came together do not all speak together. */
function beatOf({ phase }: DecidedTarget, at: Instant): number {
  return Math.floor((at - (phase % heartbeatMs)) / heartbeatMs);
}

function toDecision(
  { decided, version, mode, shadow }: DecidedSubject,
  verdict: Verdict,
  place: EvaluationPlace,
  kind: Decision['record'],
): Decision {
  const { unchanged, state, target } = decided;
  const { outcome, reason, profile } = verdict;
  const to = mode !== 'act' && isUncooled(verdict) ? verdict.capacity.after : undefined;
  decided.last = {
    ...{ outcome, reason, at: place.now },
    ...(profile === undefined ? {} : { profile }),
    ...(to === undefined ? {} : { to }),
    ...(verdict.limit?.spend.breach === undefined ? {} : { breached: true }),
  };
  decided.unchanged = 0;
  const idKind = outcome !== 'Hold' && mode === 'act' ? 'scale' : 'decision';
  return {
    ...verdict,
    id: idFor(decided, version, place, idKind, shadow),
    target,
    setting: { id: version.id, version: version.version },
    ...(shadow === undefined ? {} : { shadow }),
    mode,
    at: place.now,
    position: positionOf(place),
    state,
    record: kind,
    unchanged,
    codeVersion: place.codeVersion,
  };
}

/** An action in mode `act` is a command and waits for its outcome; in `observe` only its cooldown starts. */
function messageOf({ scaled }: Subject, judgement: Judgement, decision: Decision): TopicMessage {
  const { outcome, mode } = decision;
  if (outcome === 'Hold') return { kind: 'decision', decision };
  if (mode !== 'act') {
    scaled.state = afterDecision(scaled.state, judgement, decision);
    return { kind: 'decision', decision };
  }
  const command = commandOf(decision);
  const { id: commandId, to, decidedAt, startBy } = command;
  const inFlight = { commandId, to, decidedAt, startBy, started: false, ...moveOf(judgement) };
  scaled.state = { ...scaled.state, inFlight };
  return { kind: 'scale', command, decision };
}

/** The state after a decision that nobody carries out: its cooldown starts at once. */
export function afterDecision(
  state: TargetState,
  judgement: Judgement,
  { outcome, record: kind, at }: Decision,
): TargetState {
  const isAction = outcome !== 'Hold' && kind === 'action';
  return isAction ? acted(state, { at, ...moveOf(judgement) }) : state;
}

/** Which way an action goes, and the cooldown of the rule whose result won. */
function moveOf({ outcome, winner, active }: Judgement): Omit<Action, 'at'> {
  const direction = outcome === 'ScaleOut' ? 'out' : 'in';
  const rule = winner === undefined ? undefined : active?.profile.rules[winner];
  return { direction, ...(rule === undefined ? {} : { cooldownMs: rule.action.cooldownMs }) };
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

/** `projection`: with what the provider could serve beside the capacity. */
export function readMessage(
  { scaled, version }: Subject,
  place: EvaluationPlace,
  projection?: ProjectionQuery,
): TopicMessage {
  const kind = projection === undefined ? 'read' : 'projection';
  const id = idFor(scaled, version, place, kind);
  const source = { kind: 'log', position: positionOf(place) } as const;
  const asked = projection === undefined ? {} : { projection };
  return { kind: 'read', command: { kind: 'read', id, target: scaled.target, ...asked, source } };
}

/** What says that a version of a setting took force here. */
export function settingMessage(version: SettingVersion, place: EvaluationPlace): TopicMessage {
  const { target } = version;
  const id = idFor({ target }, version, place, 'setting');
  return { kind: 'setting', setting: { id, target, at: place.now, version } };
}

/** The id of the command of that kind for the target: its decision's, where it has one. */
export function commandIdFor(
  target: TargetId,
  version: SettingVersion,
  place: EvaluationPlace,
  kind: 'scale' | 'read' | 'readFree',
): string {
  return idFor({ target }, version, place, kind === 'scale' ? 'scale' : 'read');
}

/** With the target: settings without an ARM id have names, and two targets' settings may share one. */
function idFor(
  { target }: Pick<DecidedTarget, 'target'>,
  version: SettingVersion,
  place: EvaluationPlace,
  kind: string,
  shadow?: string,
): string {
  const { logId, partition, sequence } = place;
  const whose = shadow === undefined ? [] : [shadow];
  return idOf(logId, partition, sequence, target, version.id, version.version, kind, ...whose);
}

function positionOf({ logId, partition, sequence }: EvaluationPlace): LogPosition {
  return { logId, partition, sequence };
}
