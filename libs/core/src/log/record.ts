import { after } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { idOf } from '../lang/hash.ts';
import type { TargetId } from '../lang/target.ts';
import type { TopicMessage } from '../audit/record.ts';
import type { ScaleCommand } from '../command/command.ts';
import type { Decision, LogPosition, Verdict } from '../decision/decision.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import type { Mode } from '../setting/policy.ts';
import type { ProjectionQuery } from '../setting/rate-limit-policy.ts';
import type { TimeZones } from '../setting/time-zone.ts';
import { acted } from './action-history.ts';
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

/** A target, and by whose word something is decided on it. */
export interface Subject {
  readonly scaled: ScaledTarget;
  readonly version: SettingVersion;
  readonly mode: Mode;
  readonly auditLevel: 'changes' | 'all';
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
  const kind = recordKind(subject, judgement, place.now);
  if (kind === undefined) scaled.unchanged++;
  else messages.push(messageOf(subject, judgement, toDecision(subject, inWords(), place, kind)));
  if (judgement.wantsCapacity && scaled.mayAskCapacity(place.now)) {
    scaled.readAskedAt = place.now;
    messages.push(readMessage(subject, place));
  }
}

/** Every action, every change of (outcome, reason, profile), and a heartbeat; with `auditLevel: all` everything. */
function recordKind(
  { scaled, auditLevel, mode }: Subject,
  { outcome, reason, profile, limit, after: to }: Judgement,
  now: Instant,
): Decision['record'] | undefined {
  const { last } = scaled;
  const breached = limit?.spend.breach !== undefined;
  const same =
    last?.outcome === outcome &&
    last.reason === reason &&
    last.profile === profile &&
    (last.breached === true) === breached;
  // What nobody carries out is found again and again, where no cooldown holds it.
  const isRepeated = mode !== 'act' && limit !== undefined && same && last.to === to;
  if (outcome !== 'Hold' && !isRepeated) return 'action';
  if (!same) return 'change';
  if (auditLevel === 'all') return 'all';
  return beatOf(scaled, now) > beatOf(scaled, last.at) ? 'heartbeat' : undefined;
}

/** Heartbeats are counted in a phase of the target's own: settings that came together do not all speak together. */
function beatOf({ phase }: ScaledTarget, at: Instant): number {
  return Math.floor((at - (phase % heartbeatMs)) / heartbeatMs);
}

function toDecision(
  { scaled, version, mode }: Subject,
  verdict: Verdict,
  place: EvaluationPlace,
  kind: Decision['record'],
): Decision {
  const { unchanged, state } = scaled;
  const { outcome, reason, profile } = verdict;
  const to = verdict.limit === undefined ? undefined : verdict.capacity.after;
  scaled.last = {
    ...{ outcome, reason, at: place.now },
    ...(profile === undefined ? {} : { profile }),
    ...(to === undefined ? {} : { to }),
    ...(verdict.limit?.spend.breach === undefined ? {} : { breached: true }),
  };
  scaled.unchanged = 0;
  const idKind = outcome !== 'Hold' && mode === 'act' ? 'scale' : 'decision';
  return {
    ...verdict,
    id: idFor(scaled, version, place, idKind),
    target: scaled.target,
    setting: { id: version.id, version: version.version },
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
  const { outcome, mode, at } = decision;
  if (outcome === 'Hold') return { kind: 'decision', decision };
  const direction = outcome === 'ScaleOut' ? 'out' : 'in';
  const cooldownMs = winnersCooldownMs(judgement);
  const rest = { direction, ...(cooldownMs === undefined ? {} : { cooldownMs }) } as const;
  if (mode !== 'act') {
    scaled.state = acted(scaled.state, { at, ...rest });
    return { kind: 'decision', decision };
  }
  const command = commandOf(decision);
  const { id: commandId, to, decidedAt, startBy } = command;
  const inFlight = { commandId, to, decidedAt, startBy, started: false, ...rest };
  scaled.state = { ...scaled.state, inFlight };
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
  { target }: Pick<ScaledTarget, 'target'>,
  version: SettingVersion,
  place: EvaluationPlace,
  kind: string,
): string {
  const { logId, partition, sequence } = place;
  return idOf(logId, partition, sequence, target, version.id, version.version, kind);
}

function positionOf({ logId, partition, sequence }: EvaluationPlace): LogPosition {
  return { logId, partition, sequence };
}
