import { limitOf, unitOf } from '@headroom/core';
import type { Decision, Reason } from '@headroom/core';

/** What the reason means, in a sentence; what exactly was found stands in the rules and the steps. */
export function becauseText(decision: Decision): string {
  const text = othersOf(decision)[decision.reason] ?? sentences[decision.reason];
  return typeof text === 'string' ? text : text(decision);
}

type Sentence = string | ((decision: Decision) => string);

const sentences: Readonly<Record<Reason, Sentence>> = {
  ScaleOutRule: (decision) => `${winnerText(decision)} fired and asks for the most instances.`,
  ScaleInRule: (decision) => `All in rules fired. ${winnerText(decision)} takes the least away.`,
  BelowMinimum: 'There were fewer instances than the profile allows.',
  AboveMaximum: 'There were more instances than the profile allows.',
  DefaultCapacity: 'A metric could not be read, and there were fewer instances than the default.',
  Pinned: 'Somebody pinned it to a count.',
  NotTriggered: ({ rules }) =>
    rules.some(({ fired, direction }) => fired && direction === 'out')
      ? 'An out rule fired, but what it asks for is not more than there is.'
      : 'No out rule fired, and no in rule that takes instances away.',
  NotAllTriggered: 'Some in rules fired and some did not; a scale-in needs all of them.',
  Cooldown: 'Rules fired, but the last action is too fresh: they are cooling.',
  Flapping: 'The in rules fired, but with fewer instances an out rule would fire at once.',
  FlappingAdjusted: 'The in rules asked for less; with that an out rule would fire at once.',
  AtMaximum: 'An out rule fired, but it has all the instances that the profile allows.',
  AtMinimum: 'The in rules fired, but it has only the instances that the profile demands.',
  InFlight: 'An operation on it was not over yet.',
  Backoff: ({ state: { backoff } }) =>
    `The last ${backoff?.failures === 1 ? 'action' : `${backoff?.failures ?? ''} actions`} failed: the next one waits.`,
  Warming: 'Some metric was not watched for a whole window yet.',
  MetricMissing: 'Some metric could not be read, or has gaps; a scale-in needs all of them.',
  Disabled: 'The setting is switched off.',
  Paused: 'Somebody paused the setting.',
  Frozen: 'Somebody froze the settings.',
  CapacityUnknown: ({ target }) => `It was not known how many ${unitOf(target).many} there are.`,
  FlapBudget: 'Rules fired, but the actions that an hour may have are spent.',
  Error: 'It could not be decided: the steps say why.',
  Throttled: ({ outcome }) =>
    outcome === 'Hold'
      ? 'Calls were answered 429; it is not yet time to look at the backend.'
      : 'Calls were answered 429 for their rate, and the backend has room.',
  NoAvailableCapacity:
    'Calls were answered 429, but the backend has no more room: it is asked again.',
  CapacityFell: 'The backend has less room than the limit.',
  DemandFell: 'Nobody ran into the limit for a while.',
  AutoscaleOff: 'The autoscale of the account is switched off: its limits are the defaults.',
  NotEligible: 'Neither Azure nor Headroom raises the limits of such an account.',
  AnomalyHold: 'One caller is far above its own history: a person has to confirm the raise.',
  SpendGuard: ({ outcome }) =>
    outcome === 'Hold'
      ? 'The caps in money leave no room for a raise.'
      : 'The calls cost as much as they may: the limit falls to its default.',
  QuotaMoved: 'Quota went from an idle deployment to one whose calls are answered 429.',
};

/** Where limits and pools ask other questions. */
function othersOf({ target, quota }: Decision): Partial<Record<Reason, Sentence>> {
  if (limitOf(target) !== undefined) return ofLimits;
  return quota === undefined ? {} : ofPools;
}

const ofPools: Partial<Record<Reason, Sentence>> = {
  NotTriggered: 'No deployment of the pool has calls answered 429.',
  AtMaximum: 'The deployments whose calls are answered 429 are at their maximum.',
  NoAvailableCapacity: 'Calls were answered 429, but no quota is free and no deployment idle.',
  Cooldown: 'The last move began a short while ago.',
  Backoff: 'The last move did not succeed: the next one waits.',
  InFlight: 'A move, or a change of a deployment, was on its way.',
  CapacityUnknown: 'It was not known what the deployments have, or what is free.',
  Paused: 'Somebody paused the pool: no move begins.',
  Frozen: 'Somebody froze the pools: no move begins.',
};

const ofLimits: Partial<Record<Reason, Sentence>> = {
  BelowMinimum: 'The limit was below its default.',
  AboveMaximum: 'The limit was above the maximum of the policy.',
  AtMaximum: 'Calls were answered 429, but the limit is at its maximum.',
  Pinned: 'Somebody pinned the limits of the account.',
  NotTriggered: 'No call was answered 429, and nothing was to be taken back.',
  Paused: 'Somebody paused the account.',
  Frozen: 'Somebody froze the accounts.',
  CapacityUnknown: 'It was not known which limit is in force.',
};

function winnerText({ winner, rules }: Decision): string {
  const rule = rules.find(({ index }) => index === winner);
  return rule === undefined ? 'A rule' : `Rule ${rule.index} (${rule.metric})`;
}
