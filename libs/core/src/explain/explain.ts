import type { Instant } from '../lang/instant.ts';
import type { Decision, RuleReport } from '../decision/decision.ts';
import { decidedWith, recordedInput } from '../decision/recorded.ts';
import type { SettingInForce } from '../decision/recorded.ts';
import { activeProfile } from '../setting/active-profile.ts';
import type { ActiveProfile } from '../setting/active-profile.ts';
import { limitOf } from '../setting/ai-account.ts';
import type {
  QuotaPoolContent,
  RateLimitContent,
  SettingContent,
} from '../setting/autoscale-setting.ts';
import { isInForce } from '../setting/override.ts';
import type { Override } from '../setting/override.ts';
import type {
  ExplainedOverride,
  ExplainedRule,
  ExplainedSetting,
  Explanation,
  FlipAnswer,
  Margin,
} from './explanation.ts';
import { guardOf } from './guard.ts';
import { explainedLimit } from './limit.ts';
import { flipsOf } from './nearest-flip.ts';

/** `version`: the content of the setting's version that the decision names, where it is on record. */
export function explain(decision: Decision, version: SettingContent | undefined): Explanation {
  const content = decidedWith(decision, version);
  if (limitOf(decision.target) !== undefined) return explainOfLimit(decision, content);
  if (content?.kind === 'quotaPool') return withoutRules(decision, content);
  const setting = content?.kind === 'setting' ? content : undefined;
  const active = setting === undefined ? undefined : activeProfile(setting.setting, decision.at);
  const guard = guardOf(decision, setting);
  const flapping = flappingOf(decision, active);
  return {
    decision,
    ...(setting === undefined ? {} : { setting: explainedSetting(setting, active, decision) }),
    rules: decision.rules.map((report) => explainedRule(report, active)),
    ...(guard === undefined ? {} : { guard }),
    ...(flapping === undefined ? {} : { flapping }),
    flips: flipAnswer(decision, setting),
  };
}

/** It has no profile, no rules and no flips: what was seen takes their place. */
function explainOfLimit(decision: Decision, content: SettingContent | undefined): Explanation {
  const account = content?.kind === 'rateLimit' ? content : undefined;
  return { ...withoutRules(decision, account), limit: explainedLimit(decision, account) };
}

function withoutRules(
  decision: Decision,
  content: RateLimitContent | QuotaPoolContent | undefined,
): Explanation {
  const guard = guardOf(decision, content && { overrides: content.overrides });
  return {
    decision,
    ...(content === undefined ? {} : { setting: explainedSetting(content, undefined, decision) }),
    rules: [],
    ...(guard === undefined ? {} : { guard }),
  };
}

function explainedSetting(
  {
    policy,
    overrides,
  }: Pick<SettingInForce | RateLimitContent | QuotaPoolContent, 'policy' | 'overrides'>,
  active: ActiveProfile | undefined,
  { at, mode }: Decision,
): ExplainedSetting {
  return {
    mode,
    policy,
    ...(active === undefined ? {} : { active }),
    overrides: overrides.map((override) => explainedOverride(override, at)),
  };
}

function explainedOverride(override: Override, now: Instant): ExplainedOverride {
  if (isInForce(override, now)) return { override, state: 'inForce' };
  return { override, state: override.at > now ? 'ahead' : 'ended' };
}

function explainedRule(report: RuleReport, active: ActiveProfile | undefined): ExplainedRule {
  const rule = active?.profile.rules[report.index];
  const margin = marginOf(report);
  return {
    report,
    ...(rule === undefined ? {} : { rule }),
    ...(margin === undefined ? {} : { margin }),
  };
}

function marginOf({ observed, threshold }: RuleReport): Margin | undefined {
  if (observed === undefined) return undefined;
  const by = observed - threshold;
  return threshold === 0 ? { by } : { by, relative: by / Math.abs(threshold) };
}

/** Projections are for the new count, or for the one that was asked for where every count would have flapped. */
function flappingOf({ rules, capacity, reason }: Decision, active: ActiveProfile | undefined) {
  const projections = rules.filter(({ projected }) => projected !== undefined);
  const minimum = active?.profile.capacity.minimum ?? 0;
  const asked = Math.max(capacity.proposed ?? minimum, minimum);
  const count = reason === 'Flapping' ? asked : capacity.after;
  return projections.length === 0 || count === undefined ? undefined : { count, projections };
}

/** Answers nothing where the record could not be decided again. */
function flipAnswer(decision: Decision, setting: SettingInForce | undefined): FlipAnswer {
  if (setting === undefined) return { kind: 'unknown', why: 'noSetting' };
  const flips = flipsOf(recordedInput(decision, setting));
  if (flips.nearest !== undefined) return { kind: 'found', flips };
  if (decision.reason === 'Error') return { kind: 'unknown', why: 'error' };
  return isBeforeRules(decision) ? { kind: 'unknown', why: 'notRead' } : { kind: 'none' };
}

/** Without a reading nobody knows what the rules would have said at another time, or under another profile. */
function isBeforeRules({ rules, reason }: Decision): boolean {
  return rules.length === 0 && reason !== 'NotTriggered';
}
