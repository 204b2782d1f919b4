import { durationText, operatorSigns } from '@headroom/core';
import type { Decision, RuleReport } from '@headroom/core';
import { becauseText } from '../../view/reason-text.ts';
import { foreign, markup } from '../markup.ts';
import type { Markup, Part } from '../markup.ts';
import { details, facts, table } from '../table.ts';
import { timeText, valueText } from '../words.ts';

/** Everything that Headroom looked at when it found what it found. */
export function decisionInputs(decision: Decision | undefined): Markup {
  if (decision === undefined) {
    return markup`<p class="quiet">Headroom did not decide about it then: no evaluation is near.</p>`;
  }
  const { trail } = decision;
  const steps = trail.map(({ answer }) => markup`<li>${answer}</li>`);
  return details(
    markup`What Headroom found: ${decision.outcome} ${decision.reason}`,
    markup`<p>${becauseText(decision)}</p>${factsOf(decision)}${rulesTable(decision.rules)}<ol class="steps">${steps}</ol>`,
  );
}

function factsOf({ at, profile, capacity, state }: Decision): Markup {
  const { lastActionAt, lastCooldownMs } = state;
  return facts([
    ['Decided', timeText(at)],
    ['Capacity', `${capacity.before ?? 'unknown'}`],
    ...(capacity.proposed === undefined ? [] : [['Asked for', `${capacity.proposed}`] as const]),
    ['Profile', profile === undefined ? 'none' : foreign(profile)],
    ['Last action', lastActionAt === undefined ? 'none on record' : timeText(lastActionAt)],
    ...(lastCooldownMs === undefined
      ? []
      : [['Its cooldown', durationText(lastCooldownMs)] as const]),
  ]);
}

function rulesTable(rules: readonly RuleReport[]): Markup {
  if (rules.length === 0)
    return markup`<p class="quiet">No metric was asked: what came before decided it.</p>`;
  return table<RuleReport>(
    'Rules',
    [
      { heading: 'Rule', cell: ({ index, metric }) => markup`${index}: ${foreign(metric)}` },
      { heading: 'Read', cell: readText, isNumber: true },
      {
        heading: 'Threshold',
        cell: ({ operator, threshold }) => `${operatorSigns[operator]} ${valueText(threshold)}`,
        isNumber: true,
      },
      { heading: 'Fired', cell: ({ fired, direction }) => (fired ? `yes, ${direction}` : 'no') },
      { heading: 'Window', cell: ({ reading }) => durationText(reading.window.lengthMs) },
      { heading: 'Age of data', cell: ageText },
      { heading: 'Cooldown left', cell: cooldownText },
    ],
    rules,
  );
}

function readText({ reading, observed }: RuleReport): Part {
  if (reading.kind !== 'value') return reading.kind;
  const flaw = { complete: '', partial: ' (with gaps)', lastGood: ' (an old one)' };
  return `${valueText(observed ?? reading.value)}${flaw[reading.completeness]}`;
}

function ageText({ reading }: RuleReport): Part {
  const { dataAgeMs } = reading.window;
  return dataAgeMs === undefined ? '–' : durationText(dataAgeMs);
}

function cooldownText({ cooldownLeftMs }: RuleReport): Part {
  return cooldownLeftMs > 0 ? durationText(cooldownLeftMs) : 'none';
}
