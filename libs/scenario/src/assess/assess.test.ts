import { describe, expect, test } from '@jest/globals';
import { minuteMs } from '@headroom/core';
import { assess } from './assess.ts';
import type { Assessment } from './assessment.ts';
import { historyOf, start } from './history.fixture.ts';
import type { Told } from './history.fixture.ts';

// CPU above 75 scales out by 2, below 30 in by 1; windows and cooldowns of five minutes. With 80 from minute 40 on, the
// window that ends at minute 45 is the first above: Azure acts at 46.5 with data of a minute and a half.

function assessed(told: Told): Assessment {
  return assess(historyOf(told));
}

/** `46.5 2→4 reproduced`. */
function actionsOf({ actions }: Assessment): readonly string[] {
  return actions.map(({ at, from, to, finding }) => {
    const by = finding.kind === 'explained' ? ` by ${finding.by}` : '';
    return `${(at - start) / minuteMs} ${from}→${to} ${finding.kind}${by}`;
  });
}

const climb = { cpu: '50x40 80x8 50x60' };
const out = { at: 46.5, from: 2, to: 4, ends: 50 };
const counts = [[0, 2]] as const;

describe("an action of Azure's", () => {
  test('is reproduced where the same direction and count is found within a minute', () => {
    const assessment = assessed({ metrics: climb, counts, azure: [out] });
    expect(actionsOf(assessment)).toEqual(['46.5 2→4 reproduced']);
    expect(assessment.missed).toEqual([]);
    expect(assessment.dataAgeMs).toBe(1.5 * minuteMs);
  });
});
