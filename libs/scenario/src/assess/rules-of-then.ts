import { durationText } from '@headroom/core';
import type { ActionFinding } from './assessment.ts';
import { agesNear } from './attempts.ts';
import type { OddOperation } from './odd-operation.ts';
import { tryOperation } from './trial.ts';
import { withProfile } from './varied-setting.ts';

const by = 'settingChanged';

/** With the bounds and rules that Azure says it had: before any guess, since they are on record. */
export function withRulesOfThen(odd: OddOperation): ActionFinding | undefined {
  const { assessed, operation, dataAgeMs } = odd;
  const { setting, formerProfiles = [] } = assessed.history;
  const former = formerProfiles.find(({ at }) => at === operation.at);
  if (former === undefined) return sinceEdit(odd);
  const { profile } = former;
  for (const ageMs of agesNear(odd)) {
    const variation = { dataAgeMs: ageMs, setting: withProfile(setting, profile) };
    const { same } = tryOperation(assessed, operation, variation);
    if (same === undefined) continue;
    const aged = ageMs === dataAgeMs ? '' : `, and data ${durationText(ageMs)} old`;
    const text = `with the bounds and rules that the profile "${profile.name}" had then${aged}; they have been changed since`;
    return { kind: 'explained', by, text, decision: same.decision };
  }
  return undefined;
}

/** The first action after an edit: what the rules of now ask for long before, those of then did not. */
function sinceEdit({
  assessed,
  operation,
  before,
  early,
  dataAgeMs,
}: OddOperation): ActionFinding | undefined {
  const { setting, formerProfiles = [] } = assessed.history;
  const former = formerProfiles.find(({ at }) => at === before?.at);
  if (early === undefined || former === undefined) return undefined;
  const ofThen = { dataAgeMs, setting: withProfile(setting, former.profile) };
  if (tryOperation(assessed, operation, ofThen).open !== undefined) return undefined;
  const text = 'the bounds or rules were changed since the action before: those of now lead here';
  return { kind: 'explained', by, text, decision: early.decision };
}
