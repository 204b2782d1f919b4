import { assert } from '../lang/assert.ts';
import { durationText } from '../lang/duration-text.ts';
import { after, minuteMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { shorterBackoff } from '../decision/backoff.ts';
import type { TargetState } from '../decision/decision.ts';
import { holdForPeople, holdForTarget, inForce, overrideText, pinOf } from '../decision/guards.ts';
import { Judgement } from '../decision/judgement.ts';
import type { Anomaly } from '../decision/limit-facts.ts';
import { checkAt, projectionPatienceMs } from './check-time.ts';
import { decayed, grown } from './growth.ts';
import type { Climb } from './growth.ts';
import { baseTps, ceilingTps, floorTps, ruleIneligibility } from './limit-bounds.ts';
import type { LimitInput } from './limit-input.ts';

/** What was found of a limit, and what the fold has to remember of it. */
export interface LimitJudgement {
  readonly judgement: Judgement;
  /** The available capacity was looked at: the next check comes a pace later. */
  readonly checked: boolean;
  /** The blocked calls had their answer, a raise or the maximum; otherwise the next check answers them. */
  readonly answered: boolean;
  /** ARM is to be asked for the capacity that is available. */
  readonly wantsProjection: boolean;
}

/**
 * What to do with one limit of an account. Pure and total. The order of questions: people, the target's state, pin, eligible,
 * switched on, bounds, spend, then at a check: capacity fallen, blocked calls, nobody blocked.
 */
export function decideLimit(input: LimitInput, inWords = true): LimitJudgement {
  const { state, facts, now } = input;
  const judgement = new Judgement(state, undefined, now, inWords);
  judgement.limit = facts;
  const waiting =
    holdForPeople(judgement, { ...input, setting: { enabled: true } }) ??
    holdForTarget(judgement, { state: impatient(input), now });
  if (waiting !== undefined) return notChecked(judgement);
  const limit = judgement.before;
  assert(limit !== undefined, 'an unknown limit holds');
  return withLimit(new Situation(input, judgement, limit));
}

/** Back to the default is owed within five minutes, whatever failed before. */
function impatient({
  state,
  account,
  rule,
  policy,
  overrides,
  facts,
  now,
}: LimitInput): TargetState {
  const { backoff, capacity } = state;
  if (backoff === undefined || capacity.kind === 'unknown') return state;
  const isOwed =
    !account.dynamicThrottlingEnabled ||
    ruleIneligibility(account, rule) !== undefined ||
    facts.spend.breach !== undefined;
  const isRaised = capacity.instances > baseTps(rule, policy);
  if (!isOwed || !isRaised || pinOf({ overrides, now }) !== undefined) return state;
  return { ...state, backoff: shorterBackoff(backoff, minuteMs) };
}

class Situation {
  readonly input: LimitInput;
  readonly judgement: Judgement;
  /** Calls a second in force. */
  readonly limit: number;
  readonly base: number;
  readonly ceiling: number;

  constructor(input: LimitInput, judgement: Judgement, limit: number) {
    this.input = input;
    this.judgement = judgement;
    this.limit = limit;
    this.base = baseTps(input.rule, input.policy);
    this.ceiling = ceilingTps(input.rule, input.policy);
  }

  get climb(): Climb {
    const { base, ceiling, input } = this;
    return { baseTps: base, ceilingTps: ceiling, pace: input.policy.pace };
  }
}

function withLimit(situation: Situation): LimitJudgement {
  const settled =
    moveToPin(situation) ??
    backToBase(situation) ??
    moveIntoBounds(situation) ??
    stopSpending(situation);
  if (settled !== undefined) return notChecked(settled);
  return check(situation);
}

function moveToPin({ input, judgement, limit, base, ceiling }: Situation) {
  const pin = pinOf(input);
  if (pin === undefined) return undefined;
  judgement.note('override', () => `pinned to ${pin.to} ${overrideText(pin, input.now)}`);
  const to = Math.min(Math.max(floorTps(pin.to), base), ceiling);
  return to === limit ? judgement.hold('Pinned') : judgement.act('Pinned', to);
}

/** A limit that is not raised by anybody stays at its default, or comes back to it at once: the document allows five minutes. */
function backToBase({ input, judgement, limit, base }: Situation) {
  const { account, rule } = input;
  const why = ruleIneligibility(account, rule);
  if (why !== undefined) judgement.note('eligible', () => why);
  if (!account.dynamicThrottlingEnabled) {
    judgement.note('autoscale', () => `off: the limit is its default, ${base}`);
    return limit === base ? judgement.hold('AutoscaleOff') : judgement.act('AutoscaleOff', base);
  }
  if (why === undefined) return undefined;
  return limit === base ? judgement.hold('NotEligible') : judgement.act('NotEligible', base);
}

function moveIntoBounds({ judgement, limit, base, ceiling }: Situation) {
  if (limit < base) {
    judgement.note('bounds', () => `${limit} is below the default ${base}`);
    return judgement.act('BelowMinimum', base);
  }
  if (limit > ceiling) {
    judgement.note('bounds', () => `${limit} is above the maximum ${ceiling}`);
    return judgement.act('AboveMaximum', ceiling);
  }
  return undefined;
}

/** A cap that is used up takes back every raise. */
function stopSpending({ input, judgement, limit, base }: Situation) {
  const { breach } = input.facts.spend;
  if (breach === undefined) return undefined;
  judgement.note('spend', () => breach);
  return limit === base ? judgement.hold('SpendGuard') : judgement.act('SpendGuard', base);
}

function check(situation: Situation): LimitJudgement {
  const { input, judgement, limit, base } = situation;
  const { facts, policy, now } = input;
  const waits = facts.blocked > 0;
  const at = checkAt(facts, policy.pace);
  if (waits)
    judgement.note(
      'throttled',
      () => `${roundText(facts.blocked)} calls answered 429 since the last check`,
    );
  else judgement.note('throttled', () => 'no call was answered 429');
  // Nothing to raise and nothing to take back: no check.
  if (!waits && limit === base) return notChecked(judgement.hold('NotTriggered'));
  if (now < at) {
    judgement.due(at);
    judgement.note('check', () => `the next check comes in ${durationText(at - now)}`);
    return notChecked(judgement.hold(waits ? (facts.heldFor ?? 'Throttled') : 'NotTriggered'));
  }
  return waitForProjection(situation, at) ?? checked(situation);
}

/** Where only ARM knows what is available, a check begins with a question. No answer is not enough. */
function waitForProjection({ input, judgement }: Situation, at: Instant) {
  const { facts, policy, now } = input;
  if (policy.capacity.kind !== 'arm') return undefined;
  const { askedAt, capacityTps } = facts.backend;
  const asked = askedAt !== undefined && askedAt >= at;
  if (asked && (capacityTps !== undefined || now >= after(askedAt, projectionPatienceMs))) {
    return undefined;
  }
  judgement.due(after(asked ? askedAt : now, projectionPatienceMs));
  judgement.note('available', () => 'asked of ARM: no answer yet');
  const waits = facts.blocked > 0;
  judgement.hold(waits ? 'Throttled' : 'NotTriggered');
  return { judgement, checked: false, answered: false, wantsProjection: !asked };
}

function checked(situation: Situation): LimitJudgement {
  const { input, judgement } = situation;
  noteCapacity(situation);
  const fallen = followCapacity(situation);
  if (fallen !== undefined) return { ...notChecked(fallen), checked: true };
  const answered = input.facts.blocked > 0 ? raise(situation) : followDemand(situation);
  return { judgement, checked: true, answered, wantsProjection: false };
}

function noteCapacity({ input, judgement }: Situation): void {
  const { capacityTps, sumTps } = input.facts.backend;
  judgement.note('available', () =>
    capacityTps === undefined
      ? 'not known: taken as not enough'
      : `the backend serves ${roundText(capacityTps)} calls a second, limits allow ${roundText(sumTps)}`,
  );
}

/** Every raised limit of the group gives back its share of what the backend no longer serves. */
function followCapacity({ input, judgement, limit, base }: Situation) {
  const { capacityTps, sumTps, raisedTps } = input.facts.backend;
  if (capacityTps === undefined || sumTps <= capacityTps || limit <= base) return undefined;
  const share = ((sumTps - capacityTps) * (limit - base)) / Math.max(raisedTps, limit - base);
  const to = Math.max(base, floorTps(limit - share));
  return to < limit ? judgement.act('CapacityFell', to) : undefined;
}

/** Whether the blocked calls had their answer. */
function raise(situation: Situation): boolean {
  const { input, judgement, limit, ceiling, climb } = situation;
  const { facts, policy } = input;
  if (limit >= ceiling) {
    judgement.hold('AtMaximum');
    return true;
  }
  const { backend, spend, anomaly } = facts;
  if (anomaly !== undefined && inForce(input, 'confirm') === undefined) {
    judgement.note('anomaly', anomalyText, anomaly);
    judgement.hold('AnomalyHold');
    return false;
  }
  const wanted = grown(policy.growth, limit, climb, facts.demandTps);
  const room = floorTps(limit + Math.max(0, (backend.capacityTps ?? 0) - backend.sumTps));
  const affordable = floorTps(spend.boundTps ?? Infinity);
  const to = Math.min(wanted, room, affordable);
  if (to > limit) {
    judgement.act('Throttled', to);
    judgement.proposed = wanted;
    return true;
  }
  if (room > limit)
    judgement.note('spend', () => `the caps leave room for ${affordable} calls a second`);
  judgement.hold(room > limit ? 'SpendGuard' : 'NoAvailableCapacity');
  return false;
}

/** A limit that nobody ran into for a while goes back, but never below what is asked for. */
function followDemand({ input, judgement, limit, base, climb }: Situation): boolean {
  const { facts, policy, now } = input;
  const quietMs = now - facts.quietSince;
  const idleMs = policy.decay.kind === 'hold' ? Infinity : policy.decay.idleMs;
  if (quietMs < idleMs) {
    if (idleMs < Infinity) judgement.due(after(facts.quietSince, idleMs));
    judgement.hold('NotTriggered');
    return true;
  }
  const to = Math.max(decayed(policy.decay, limit, climb), floorTps(facts.demandTps), base);
  judgement.note('demand', () => `nobody ran into it for ${durationText(quietMs)}`);
  if (to < limit) judgement.act('DemandFell', to);
  else judgement.hold('NotTriggered');
  return true;
}

function notChecked(judgement: Judgement): LimitJudgement {
  return { judgement, checked: false, answered: false, wantsProjection: false };
}

function anomalyText({ caller, perMinute, usualPerMinute }: Anomaly): string {
  return `${caller} makes ${roundText(perMinute)} calls a minute, usually ${roundText(usualPerMinute)}: confirm it to raise`;
}

function roundText(value: number): string {
  return String(Math.round(value * 10) / 10);
}
