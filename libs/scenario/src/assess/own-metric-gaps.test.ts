import { expect, test } from '@jest/globals';
import { assess } from './assess.ts';
import { historyOf } from './history.fixture.ts';
import type { Told } from './history.fixture.ts';

// The setting of assess.test.ts: above 75 out, below 30 in; Azure goes out at minute 46.5.

const told: Told = {
  metrics: { cpu: '50x40 80x6 50x60' },
  counts: [[0, 2]],
  azure: [{ at: 46.5, from: 2, to: 4, ends: 50 }],
};
const gapsOf = (more: Partial<Told>) => assess(historyOf({ ...told, ...more })).history.gaps;

test.each<readonly [string, Partial<Told>]>([
  ['in the minute of the log', { counted: [[46, 'Increase', 1]] }],
  ['two minutes before', { counted: [[44, 'Increase', 1]] }],
  ['two minutes later', { counted: [[48, 'increase', 1]] }],
  ['in a direction that is spelt otherwise', { counted: [[46, 'Hinauf', 1]] }],
  ['at the begin, where the log may have it before', { counted: [[1, 'Decrease', 1]] }],
  ['so lately that the log may have it yet', { counted: [[90, 'Decrease', 1]] }],
  ['nowhere', {}],
])('an action that was counted %s is not missing', (_, more) => {
  expect(gapsOf(more)).toEqual([]);
});

test.each<readonly [string, Partial<Told>, string]>([
  [
    'an action that is not in the log',
    { counted: [[60, 'Decrease', 1]] },
    '1 scale action that Azure counted is not in the activity log: in at 2026-01-05T01:00:00.000Z',
  ],
  [
    'one of the other direction than in the log',
    { counted: [[46, 'Decrease', 1]] },
    '1 scale action that Azure counted is not in the activity log: in at 2026-01-05T00:46:00.000Z',
  ],
  [
    'more of them than in the log, the first five',
    {
      counted: [
        [46, 'Increase', 2],
        [55, 'Increase', 6],
      ],
    },
    `7 scale actions that Azure counted are not in the activity log: out at 2026-01-05T00:46:00.000Z, ${Array(4).fill('out at 2026-01-05T00:55:00.000Z').join(', ')} and 2 more`,
  ],
  [
    'a threshold that no rule of now has',
    {
      compared: [
        [75, 0, 105],
        [30, 0, 105],
        [80, 0, 20],
        [80, 0, 40],
        [25, 0, 10],
      ],
    },
    'Azure compared with 25 until 2026-01-05T00:10:00.000Z, 80 until 2026-01-05T00:40:00.000Z; no rule of now has that threshold: the setting was edited since',
  ],
])('%s is told', (_, more, gap) => {
  expect(gapsOf(more)).toEqual([gap]);
});

test('thresholds of now are no news', () => {
  expect(
    gapsOf({
      compared: [
        [75, 0, 105],
        [30 + 1e-12, 0, 105],
      ],
    }),
  ).toEqual([]);
});
