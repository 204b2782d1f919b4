import { describe, expect, test } from '@jest/globals';
import { targetId } from '@headroom/core';
import type { Assessment, Caveat, Explanation, StatedModel } from '@headroom/scenario';
import { quiet } from '../report/report.fixture.ts';
import { plainColors } from '../view/colors.ts';
import { settingLines } from './setting-lines.ts';

const one = quiet(1);
const target = one.history.setting.target;

function linesOf(change: Partial<Assessment>): readonly string[] {
  const told = { assessment: { ...one, ...change }, gaps: [], data: '.headroom' };
  return settingLines(told, plainColors).map((line) => line.replaceAll('\u00a0', ' '));
}

function explained(by: Explanation, caveat?: Caveat): Assessment['actions'][number] {
  const lacks = caveat === undefined ? {} : { caveat };
  const finding = { kind: 'explained', by, text: '', ...lacks } as const;
  return { at: one.history.from, from: 2, to: 1, finding };
}

describe('explained actions', () => {
  test('are told by circumstance; guesses, and what was not run again, apart', () => {
    const actions = [
      explained('predictive', 'azuresWord'),
      explained('dataAge', 'unconfirmed'),
      explained('dataAge'),
      explained('dataAge'),
      explained('cooldown', 'unconfirmed'),
    ];
    expect(linesOf({ actions })[1]).toContain(
      '4 explained (2 by data of another age, 1 by data of an age that no reading confirms and 1 by another cooldown and data of an age that no reading confirms), 1 on Azure’s word alone (by prediction)',
    );
  });
});

describe('a refused backtest', () => {
  const resource = targetId(
    '/subscriptions/s/resourceGroups/g/providers/p/namespaces/bus/queues/in',
  );
  const refusedFor = (models: readonly StatedModel[]) => {
    const metric = { metric: 'ActiveMessages', resource, why: 'so', models };
    const lines = linesOf({ backtest: { kind: 'refused', why: 'at length', metric } });
    return lines.slice(
      lines.findIndex((line) => line.includes('instance-hours')),
      -1,
    );
  };

  test('is told by the metric, with the command that takes a model of it', () => {
    const name = target.split('/').at(-1);
    expect(refusedFor(['shared', 'independent']).slice(0, 2)).toEqual([
      expect.stringMatching(
        /Azure [\d,.]+; Headroom’s are not told: how ActiveMessages of bus\/in follows the instances is not known$/,
      ),
      expect.stringMatching(
        `^ {20}who knows it can say so: headroom backtest \\S*${name} --against .headroom --model "ActiveMessages=shared" \\(or =independent\\)$`,
      ),
    ]);
  });

  test('for want of samples has no advice', () => {
    const [line, ...others] = refusedFor([]);
    expect(line).toMatch(/not told: ActiveMessages of bus\/in is not in the history$/);
    expect(others.join()).not.toContain('headroom backtest');
  });
});
