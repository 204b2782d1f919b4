import { after, hourMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { DecideInput } from '../decision/decide-input.ts';
import type { TargetState } from '../decision/decision.ts';
import type { Judgement } from '../decision/judgement.ts';
import { InputNotRecorded } from '../decision/recorded.ts';
import type { Reading } from '../evaluation/reading.ts';
import { activeProfile } from '../setting/active-profile.ts';
import type { ActiveProfile } from '../setting/active-profile.ts';
import type { Rule } from '../setting/autoscale-setting.ts';
import type { Trials } from './trials.ts';
import type { TimeCause, TimeFlip } from './flip.ts';
import { readingKey } from './metric-flip.ts';

/** Something begins or ends at `at`. */
interface TimeEdge {
  readonly at: Instant;
  readonly cause: TimeCause;
}

/** The nearest instant, before or after, at which the same readings and state would have been decided otherwise. */
export function timeFlip(
  input: DecideInput,
  before: Judgement,
  trials: Trials,
): TimeFlip | undefined {
  const moments = edgesOf(input).map((edge) => ({ ...edge, at: momentAt(edge, input) }));
  const known = moments.filter(({ at }) => at >= (input.state.lastActionAt ?? 0));
  known.sort((a, b) => Math.abs(a.at - input.now) - Math.abs(b.at - input.now));
  for (const { at, cause } of known) {
    const becomes = trials.otherwise(atTime(input, before, at));
    if (becomes !== undefined) return { kind: 'time', at, byMs: at - input.now, cause, becomes };
  }
  return undefined;
}

/** What lies ahead is looked at when it comes, what is past just before it came. */
function momentAt({ at }: TimeEdge, { now }: DecideInput): Instant {
  return at > now ? at : after(at, -1);
}

function edgesOf({ active, state, policy, overrides }: DecideInput): readonly TimeEdge[] {
  const { backoff, recentActions } = state;
  const budgeted = policy.flapBudget === undefined ? [] : (recentActions ?? []);
  return [
    ...cooldownEnds(state, active).map((at) => edge('cooldown', at)),
    ...(backoff === undefined ? [] : [edge('backoff', backoff.until)]),
    ...overrides.flatMap(({ at, until }) => [edge('override', at), edge('override', until)]),
    ...budgeted.map((at) => edge('budget', after(at, hourMs))),
    ...(active?.until === undefined ? [] : [edge('profile', active.until)]),
  ];
}

function cooldownEnds(
  { lastActionAt, lastCooldownMs }: TargetState,
  active: ActiveProfile | undefined,
): readonly Instant[] {
  if (lastActionAt === undefined) return [];
  const cooldowns = (active?.profile.rules ?? []).map(({ action }) => action.cooldownMs);
  if (lastCooldownMs !== undefined) cooldowns.push(lastCooldownMs);
  return cooldowns.map((ms) => after(lastActionAt, ms));
}

function edge(cause: TimeCause, at: Instant): TimeEdge {
  return { at, cause };
}

/** Another profile's rule that reads in the same way as one that was read has that reading. */
function atTime(input: DecideInput, before: Judgement, now: Instant): DecideInput {
  const active = activeProfile(input.setting, now);
  if (active?.index === input.active?.index) return { ...input, now, active };
  const readings = new Map(
    before.rules.map(({ rule, reading }) => [readingKey(rule.trigger), reading]),
  );
  const read = ({ trigger }: Rule, index: number): Reading => {
    const reading = readings.get(readingKey(trigger));
    if (reading === undefined) throw new InputNotRecorded(`rules[${index}]`);
    return reading;
  };
  return { ...input, now, active, read };
}
