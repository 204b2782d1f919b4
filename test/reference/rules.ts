import type { History } from './history.ts';
import type { Finding, Limits, MissingData, Policy, Profile, Rule } from './plain.ts';
import type { CountedAction } from './standing.ts';
import { readWindow } from './window.ts';

/** A rule that was read: its finding, and what the later steps ask of it. */
export interface Read extends Finding {
  readonly rule: Rule;
  readonly index: number;
  readonly missingData: MissingData;
}

/** What the rules are read with. */
export interface Situation {
  readonly history: History;
  readonly now: number;
  readonly target: string;
  readonly policy: Policy;
  readonly profile: Profile;
  readonly current: number;
  readonly lastAction: CountedAction | undefined;
}

/** Step 5: every rule of the profile. */
export function readRules(situation: Situation): readonly Read[] {
  return situation.profile.rules.map((rule, index) => readRule(rule, index, situation));
}

function readRule(rule: Rule, index: number, situation: Situation): Read {
  const { policy, profile, current } = situation;
  const direction = directionAt(rule, current);
  const missingData = missingDataOf(policy, profile.name, index, direction);
  const reading = readingOf(rule, missingData, situation);
  const observed = observedOf(rule, reading, current);
  const failsUp =
    reading.kind === 'missing' && missingData.kind === 'failUp' && direction === 'out';
  const fired = failsUp || (observed !== undefined && triggers(rule, observed));
  return {
    rule,
    index,
    missingData,
    direction,
    reading,
    fired,
    ...(observed === undefined ? {} : { observed }),
    ...(fired ? { proposed: proposalOf(rule, situation) } : {}),
    cooldownLeftMs: cooldownLeft(rule, situation),
  };
}

/** `ExactCount` with direction None is an out rule while its count is above the capacity. */
function directionAt({ action }: Rule, count: number): 'out' | 'in' {
  if (action.direction === 'None') return action.value > count ? 'out' : 'in';
  return action.direction === 'Increase' ? 'out' : 'in';
}

/** Whether the rule would raise a capacity of `count` if it fired there. */
export function isOutRuleAt(rule: Rule, count: number): boolean {
  return directionAt(rule, count) === 'out';
}

export function triggers({ trigger }: Rule, value: number): boolean {
  const { operator, threshold } = trigger;
  if (operator === 'Equals') return value === threshold;
  if (operator === 'NotEquals') return value !== threshold;
  if (operator === 'GreaterThan') return value > threshold;
  if (operator === 'GreaterThanOrEqual') return value >= threshold;
  return operator === 'LessThan' ? value < threshold : value <= threshold;
}

/** The rule's own choice (for its profile or for every one), or that of its direction. */
function missingDataOf(
  { missingData }: Policy,
  profile: string,
  index: number,
  direction: 'out' | 'in',
): MissingData {
  for (const choice of missingData.rules) {
    const isMeant = choice.profile === undefined || choice.profile === profile;
    if (choice.rule === index && isMeant) return choice.use;
  }
  return missingData[direction];
}

function readingOf({ trigger }: Rule, missingData: MissingData, { history, now }: Situation) {
  const { resource, metricName } = trigger;
  const asked = history.askedSince(resource, metricName);
  if (asked === undefined) throw new Error('the setting in force asks for its metrics');
  const samples = history
    .samplesOf(resource, metricName)
    .filter((sample) => sample.event > asked.event);
  const lastGoodMs = missingData.kind === 'lastGood' ? missingData.ttlMs : 0;
  return readWindow(trigger, samples, asked.at, now, lastGoodMs);
}

/** Divided by the instances where the rule says so, and for the length of queues always. Not defined at none. */
function observedOf({ trigger }: Rule, reading: Finding['reading'], current: number) {
  if (reading.kind !== 'value') return undefined;
  if (!trigger.dividePerInstance && !isQueueLength(trigger)) return reading.value;
  return current === 0 ? undefined : reading.value / current;
}

function isQueueLength({ metricName, resource }: Rule['trigger']): boolean {
  const parts = resource.split('/');
  switch (metricName.toLowerCase()) {
    case 'approximatemessagecount':
      // …/services/queue/queues/NAME
      return parts.slice(-4, -1).join('/') === 'services/queue/queues';
    case 'activemessagecount':
      return resource.includes('/providers/microsoft.servicebus/namespaces/');
    default:
      return false;
  }
}

/** Percentages truncate towards zero and move by at least one. */
function proposalOf(rule: Rule, situation: Situation): number {
  const { current, profile } = situation;
  const { type, value } = rule.action;
  const out = directionAt(rule, current) === 'out';
  if (type === 'ExactCount') return value;
  if (type === 'ServiceAllowedNextValue') {
    return nextOnLadder(ladderOf(situation), current, out, profile.capacity);
  }
  const step = type === 'ChangeCount' ? value : Math.max(1, Math.trunc((current * value) / 100));
  return out ? current + step : current - step;
}

/** The policy's counts; a Service Bus namespace has five; every other target takes any count. */
export function ladderOf({
  policy,
  target,
}: Pick<Situation, 'policy' | 'target'>): readonly number[] | undefined {
  if (policy.capacityLadder !== undefined) return policy.capacityLadder;
  const [provider, type] = target.split('/').slice(-3);
  const isNamespace = provider === 'microsoft.servicebus' && type === 'namespaces';
  return isNamespace ? [1, 2, 4, 8, 16] : undefined;
}

/** One step within the bounds; the current count where there is none left. */
function nextOnLadder(
  ladder: readonly number[] | undefined,
  current: number,
  out: boolean,
  { minimum, maximum }: Limits,
): number {
  const counts = ladder ?? [current - 1, current + 1];
  const allowed = counts.filter((count) => count >= minimum && count <= maximum);
  const beyond = allowed.filter((count) => (out ? count > current : count < current));
  if (beyond.length === 0) return current;
  return out ? Math.min(...beyond) : Math.max(...beyond);
}

/** By the rule's own cooldown, or by that of the rule that fired last, where it is known and the policy wants it. */
function cooldownLeft({ action }: Rule, { policy, lastAction, now }: Situation): number {
  if (lastAction === undefined) return 0;
  const last = policy.cooldownFrom === 'lastFiredRule' ? lastAction.cooldownMs : undefined;
  return Math.max(0, lastAction.at + (last ?? action.cooldownMs) - now);
}
