import { hourMs, minuteMs } from './durations.ts';
import type { History } from './history.ts';
import type { Content, Override, Verdict } from './plain.ts';
import { profileAt } from './profile.ts';
import { isOutRuleAt, ladderOf, readRules, triggers } from './rules.ts';
import type { Read, Situation } from './rules.ts';
import { nobodyStarted, standingAfter } from './standing.ts';
import type { Standing } from './standing.ts';

/** What to do with a target now, worked out from everything that its log held. */
export function evaluate(history: History): Verdict {
  const standing = standingAfter(history.happenings);
  const answer = answerOf(history, standing);
  return { ...answer, asksCapacity: asksCapacity(answer, standing, history) };
}

/** Step 2 asks where it is not known, not confirmed for 60 s, or where nobody started what was to change it. */
function asksCapacity({ reason }: Answer, standing: Standing, { now, current }: History): boolean {
  const { capacity, learntAt, awaited } = standing;
  if (current?.content.kind !== 'setting') return false;
  if (['Disabled', 'Paused', 'Frozen'].includes(reason)) return false;
  if (capacity === undefined || now - learntAt >= minuteMs) return true;
  return awaited !== undefined && nobodyStarted(awaited, now);
}

/** What is found, but for the question about the capacity. */
type Answer = Omit<Verdict, 'asksCapacity'>;

/** The order of questions, one after the other. Slow, and meant to be checked by reading. */
function answerOf(history: History, standing: Standing): Answer {
  const { now } = history;
  const content = history.current?.content;
  if (content?.kind !== 'setting') return hold('Error', undefined, standing.capacity);
  const { setting, overrides } = content;

  // 0. The profile is part of every decision.
  const profile = profileAt(setting, now);
  const current = standing.capacity;

  // 1. Switched off, or stopped by people.
  if (!setting.enabled) return hold('Disabled', profile?.name, current);
  if (inForce(overrides, 'pause', now)) return hold('Paused', profile?.name, current);
  if (inForce(overrides, 'freeze', now)) return hold('Frozen', profile?.name, current);

  // 2. The target: known, nothing running, no pause after a failure.
  if (current === undefined) return hold('CapacityUnknown', profile?.name, current);
  if (standing.awaited !== undefined) return hold('InFlight', profile?.name, current);
  if (now < (standing.backoffUntil ?? -Infinity)) return hold('Backoff', profile?.name, current);

  // 3. Nothing matches; or a pin, which takes the place of all that follows.
  if (profile === undefined) return hold('Error', undefined, current);
  const { minimum, maximum } = profile.capacity;
  const pin = inForce(overrides, 'pin', now);
  if (pin !== undefined) {
    const to = Math.min(Math.max(pin.to!, minimum), maximum);
    if (to === current) return hold('Pinned', profile.name, current);
    return move('Pinned', profile.name, current, to);
  }

  // 4. Bounds.
  if (current < minimum) return move('BelowMinimum', profile.name, current, minimum);
  if (current > maximum) return move('AboveMaximum', profile.name, current, maximum);
  return byRules(situationOf(history, content, profile, current, standing), standing);
}

function situationOf(
  history: History,
  { setting, policy }: Extract<Content, { kind: 'setting' }>,
  profile: Situation['profile'],
  current: number,
  { actions }: Standing,
): Situation {
  const { now } = history;
  const { target } = setting;
  return { history, now, target, policy, profile, current, lastAction: actions.at(-1) };
}

/** Steps 5 to 10. */
function byRules(situation: Situation, standing: Standing): Answer {
  const { profile, current, now, policy } = situation;
  const { minimum, maximum } = profile.capacity;
  const rules = readRules(situation);
  const name = profile.name;
  const actionsOfTheHour = standing.actions.filter(({ at }) => at > now - hourMs && at <= now);
  const budgetIsSpent = actionsOfTheHour.length >= (policy.flapBudget ?? Infinity);

  // 6. Any out rule.
  const fired = rules.filter((rule) => rule.direction === 'out' && rule.fired);
  if (fired.length > 0) {
    if (current >= maximum) return hold('AtMaximum', name, current, rules);
    const raising = fired.filter((rule) => rule.proposed! > current);
    if (raising.length === 0) return hold('NotTriggered', name, current, rules);
    if (budgetIsSpent) return hold('FlapBudget', name, current, rules);
    const preempts = policy.scaleOutPreemptsCooldown && situation.lastAction?.direction === 'in';
    const cooled = raising.filter((rule) => preempts || rule.cooldownLeftMs === 0);
    if (cooled.length === 0) return hold('Cooldown', name, current, rules);
    const winner = highest(cooled);
    const to = Math.min(winner.proposed!, maximum);
    return move('ScaleOutRule', name, current, to, rules, winner);
  }

  // 7. A metric is missing, and there are fewer instances than the default.
  const raises = rules.some(
    ({ reading, missingData }) => reading.kind === 'missing' && missingData.kind !== 'hold',
  );
  if (raises && current < profile.capacity.default) {
    return move('DefaultCapacity', name, current, profile.capacity.default, rules);
  }

  // 8. In, only if everything is known and all in rules fire.
  const inRules = rules.filter((rule) => rule.direction === 'in' && countsAmongAll(rule, current));
  const isPartial = ({ reading }: Read) =>
    reading.kind === 'value' && reading.completeness !== 'complete';
  if (rules.some(({ reading }) => reading.kind === 'warming')) {
    return hold('Warming', name, current, rules);
  }
  if (rules.some(({ reading }) => reading.kind === 'missing') || inRules.some(isPartial)) {
    return hold('MetricMissing', name, current, rules);
  }
  const firedIn = inRules.filter((rule) => rule.fired);
  if (firedIn.length === 0) return hold('NotTriggered', name, current, rules);
  if (firedIn.length < inRules.length) return hold('NotAllTriggered', name, current, rules);
  if (current <= minimum) return hold('AtMinimum', name, current, rules);
  const winner = highest(inRules);
  if (winner.proposed! >= current) return hold('NotTriggered', name, current, rules);
  if (inRules.some((rule) => rule.cooldownLeftMs > 0)) {
    return hold('Cooldown', name, current, rules);
  }
  if (budgetIsSpent) return hold('FlapBudget', name, current, rules);
  return withoutFlapping(situation, rules, winner);
}

/** An `ExactCount` without a direction does so only when it fires, from above its count. */
function countsAmongAll({ rule, fired }: Read, current: number): boolean {
  if (rule.action.direction !== 'None') return true;
  return fired && rule.action.value < current;
}

/** The highest result; of equal ones the first in the array. */
function highest(rules: readonly Read[]): Read {
  const most = Math.max(...rules.map((rule) => rule.proposed!));
  return rules.find((rule) => rule.proposed === most)!;
}

/** 9. The first count, from the target up, that no out rule would reverse. */
function withoutFlapping(situation: Situation, rules: readonly Read[], winner: Read): Answer {
  const { profile, current } = situation;
  const target = Math.max(winner.proposed!, profile.capacity.minimum);
  const ladder = ladderOf(situation);
  for (let count = target; count < current; count++) {
    if (count !== target && ladder?.includes(count) === false) continue;
    const reversed = rules.some((rule) => {
      const projected = projectedAt(rule, current, count);
      return projected !== undefined && triggers(rule.rule, projected);
    });
    if (reversed) continue;
    const reason = count === target ? 'ScaleInRule' : 'FlappingAdjusted';
    const shown = withProjections(rules, current, count);
    return move(reason, profile.name, current, count, shown, winner);
  }
  const shown = withProjections(rules, current, target);
  return { ...hold('Flapping', profile.name, current, shown), proposed: winner.proposed! };
}

/** The load stays and is shared by fewer: value × current / new. With none left, any load is infinite. */
function projectedAt(rule: Read, current: number, count: number): number | undefined {
  if (!isOutRuleAt(rule.rule, count) || rule.observed === undefined) return undefined;
  if (rule.observed === 0) return 0;
  return (rule.observed * current) / count;
}

function withProjections(rules: readonly Read[], current: number, count: number): readonly Read[] {
  return rules.map((rule) => {
    const projected = projectedAt(rule, current, count);
    return projected === undefined || !Number.isFinite(projected) ? rule : { ...rule, projected };
  });
}

function inForce(overrides: readonly Override[], kind: Override['kind'], now: number) {
  return overrides.find((one) => one.kind === kind && one.at <= now && now < one.until);
}

function hold(
  reason: string,
  profile: string | undefined,
  current: number | undefined,
  rules: readonly Read[] = [],
): Answer {
  return {
    outcome: 'Hold',
    reason,
    rules,
    ...(profile === undefined ? {} : { profile }),
    ...(current === undefined ? {} : { before: current, after: current }),
  };
}

function move(
  reason: string,
  profile: string,
  before: number,
  after: number,
  rules: readonly Read[] = [],
  winner?: Read,
): Answer {
  return {
    outcome: after > before ? 'ScaleOut' : 'ScaleIn',
    reason,
    profile,
    before,
    after,
    proposed: winner?.proposed ?? after,
    rules,
    ...(winner === undefined ? {} : { winner: winner.index }),
  };
}
