import { describe, expect, test } from '@jest/globals';
import { defaultPolicy, instant, outcomeId, targetId } from '@headroom/core';
import type { AuditRecord, Decision, Outcome, RuleReport, SettingContent } from '@headroom/core';
import { plainColors } from './colors.ts';
import { eventLines } from './event-line.ts';
import { jsonView } from './json-view.ts';
import { panel, sparkline } from './live-view.ts';
import { plainView } from './plain-view.ts';
import { recordLines } from './record-lines.ts';
import type { LoadEvent, OutcomeEvent, RunSummary, ShownEvent } from './shown-event.ts';

const at = instant(Date.parse('2026-11-21T14:07:09.400Z'));
const target = targetId('/subscriptions/s/providers/m/onlineEndpoints/chat/deployments/blue');
const window = { lengthMs: 60_000, frontier: instant(at - 400), dataAgeMs: 400, path: 'push' };
const cpu: RuleReport = {
  index: 0,
  metric: 'CpuUtilizationPercentage',
  direction: 'out',
  reading: { kind: 'value', completeness: 'complete', value: 84.23, window, samples: 24 },
  observed: 84.23,
  operator: 'GreaterThan',
  threshold: 70,
  fired: true,
  proposed: 4,
  cooldownLeftMs: 0,
};
const latency: RuleReport = { ...cpu, index: 1, metric: 'RequestLatency', fired: false };
const source = {
  kind: 'log',
  position: { logId: 'signals', partition: 3, sequence: 412 },
} as const;
const decision: Decision = {
  id: 'd1',
  target,
  setting: { id: 'chat-blue', version: 1 },
  mode: 'act',
  at,
  position: source.position,
  state: { capacity: { kind: 'known', instances: 2, observedAt: at } },
  record: 'action',
  unchanged: 0,
  codeVersion: 'test',
  outcome: 'ScaleOut',
  reason: 'ScaleOutRule',
  profile: 'default',
  capacity: { before: 2, proposed: 4, after: 4 },
  rules: [cpu, latency],
  trail: [{ step: 'scaleOut', answer: 'rule 0 asks for 4' }],
  wantsCapacity: false,
};
const hold: Decision = {
  ...decision,
  outcome: 'Hold',
  reason: 'Warming',
  capacity: { before: 2, after: 2 },
  rules: [],
  trail: [{ step: 'metrics', answer: '2 of 4 rules could be read' }],
};
const outcome: Outcome = {
  id: outcomeId('d1'),
  commandId: 'd1',
  target,
  kind: 'Applied',
  to: 4,
  capacity: 4,
  reachedProvider: true,
  detail: 'the deployment has 4 instances',
  at: instant(at + 8_700),
  source,
};
const load: LoadEvent = {
  kind: 'load',
  at,
  target,
  requestsPerS: 16.23,
  cpuPercent: 43.4,
  latencyMs: 205,
  capacity: { instances: 4, busy: true },
};
const summary: RunSummary = {
  lastedMs: 300_000,
  decisions: { 'Hold Warming': 1, 'ScaleOut ScaleOutRule': 2 },
  outcomes: { Applied: 2 },
  applied: ['chat/blue 2 → 4'],
  capacities: ['chat/blue 4 instances'],
  metricToDecisionP50Ms: 400,
  metricToAppliedP50Ms: 9100,
  kills: 4,
  problems: [],
};
const decided: ShownEvent = { kind: 'decision', decision, record: { kind: 'decision', decision } };
const applied: OutcomeEvent = {
  kind: 'outcome',
  outcome,
  record: { kind: 'outcome', outcome },
  decision,
  latency: { toDecisionMs: 400, toOutcomeMs: 9100 },
};
const lines = (event: ShownEvent) => eventLines(event, plainColors).join('\n');

describe('one line holds what, why and how long', () => {
  test('an action names the rules that fired', () => {
    expect(lines(decided)).toBe(
      '14:07:09  ScaleOut ScaleOutRule  chat/blue  2 → 4  CpuUtilizationPercentage 84.2 > 70 over 1 min',
    );
  });

  test('a hold says the last answer', () => {
    const event = { ...decided, decision: hold };
    expect(lines(event)).toBe('14:07:09  Hold Warming  chat/blue  2  2 of 4 rules could be read');
  });

  test('a hold of an unknown capacity says so', () => {
    const event = { ...decided, decision: { ...hold, capacity: {} } };
    expect(lines(event)).toContain('chat/blue  ?  ');
  });

  test.each([
    ['partial', '84.2 (partial) > 70'],
    ['lastGood', '84.2 (last good one) > 70'],
  ] as const)('a window that is %s', (completeness, text) => {
    const reading = {
      ...cpu.reading,
      kind: 'value',
      value: 84.23,
      samples: 3,
      completeness,
    } as const;
    const rules = [{ ...cpu, reading }];
    expect(lines({ ...decided, decision: { ...decision, rules } })).toContain(text);
  });

  test("what a person put above the setting is the reason, in that person's words", () => {
    const answer = 'pinned to 6 by ann for 2 h more: launch\u001b[2J';
    const trail = [{ step: 'override', answer }] as const;
    const pinned: Decision = { ...decision, reason: 'Pinned', rules: [], trail };
    expect(lines({ ...decided, decision: pinned })).toBe(
      '14:07:09  ScaleOut Pinned  chat/blue  2 → 4  pinned to 6 by ann for 2 h more: launch\\u001b[2J',
    );
  });

  test('an outcome has the latency from metric to applied', () => {
    expect(lines(applied)).toBe(
      '14:07:18  Applied  chat/blue  4 instances  ScaleOut 2 → 4 in 9.1 s from metric to applied (decided after 400 ms)',
    );
  });

  test('another outcome says what happened', () => {
    const failed: Outcome = {
      ...outcome,
      kind: 'QuotaExceeded',
      capacity: 2,
      detail: 'no cores left',
    };
    const event = { ...applied };
    delete event.latency;
    expect(lines({ ...event, outcome: failed })).toBe(
      '14:07:18  QuotaExceeded  chat/blue  2 instances  ScaleOut 2 → 4  no cores left',
    );
  });

  test('the load', () => {
    expect(lines(load)).toBe(
      '14:07:09  load  chat/blue  16.2 requests/s  4 instances (scaling)  CPU 43 %  latency 205 ms',
    );
  });
});

describe('a version of a setting that took force', () => {
  const setting = { name: 'x', enabled: true, target, profiles: [] };
  const term = { at, until: instant(at + 7_200_000), owner: 'ann', reason: 'launch\n' };
  const record = (content: SettingContent): AuditRecord => ({
    kind: 'setting',
    setting: { id: 'r1', target, at, version: { target, id: 'chat-blue', version: 3, content } },
  });
  const text = (content: SettingContent) => recordLines(record(content), plainColors).join('\n');

  test('names its overrides: what, who, until when, why', () => {
    const overrides = [
      { kind: 'pin', to: 6, ...term },
      { kind: 'freeze', ...term },
    ] as const;
    const shown = text({ kind: 'setting', setting, policy: defaultPolicy, overrides });
    expect(shown).toMatch(
      /^2026-11-21 14:07:09Z {2}Setting {2}chat\/blue {2}version 3: .*mode act/,
    );
    expect(shown).toContain('\n    pinned to 6 by ann until 2026-11-21 16:07:09Z: launch\\u000a\n');
    expect(shown).toContain('\n    frozen by ann until 2026-11-21 16:07:09Z: launch\\u000a\n');
  });

  test.each([
    [{ kind: 'tombstone' }, 'version 3: deleted'],
    [{ kind: 'unreadable', problems: ['no rules'] }, 'version 3: cannot be read: no rules'],
  ] as const)('%j', (content, expected) => {
    expect(text(content)).toContain(expected);
  });
});

describe('the summary', () => {
  test('says that the invariants hold', () => {
    expect(lines({ kind: 'summary', summary }).split('\n')).toEqual([
      '',
      'Summary of 5 min',
      '  decisions   ScaleOut ScaleOutRule 2, Hold Warming 1',
      '  outcomes    Applied 2',
      '  applied     chat/blue 2 → 4',
      '  in the end  chat/blue 4 instances',
      '  latency     metric to applied p50 9.1 s, to decided p50 400 ms',
      '  killed      4 processes',
      '  invariants  hold: each action has one decision record and one outcome, and what was applied is there',
    ]);
  });

  test('or names each that does not', () => {
    const text = lines({ kind: 'summary', summary: { ...summary, problems: ['no outcome'] } });
    expect(text).toContain('PROBLEMS\n    - no outcome');
    expect(text).not.toContain('hold:');
  });
});

describe('views', () => {
  const shown = (make: typeof plainView) => {
    const written: string[] = [];
    const view = make((text) => written.push(text));
    for (const afterMs of [0, 500, 5_000, 10_000, 11_000])
      view.show({ ...load, at: instant(at + afterMs) });
    view.show(decided);
    view.close();
    return written;
  };

  test('plain: a line a decision, the load every 10 s, no terminal control', () => {
    const written = shown(plainView);
    expect(written.map((line) => line.slice(0, 14))).toEqual([
      '14:07:09  load',
      '14:07:14  load',
      '14:07:20  load',
      '14:07:09  Scal',
    ]);
    expect(written.join('')).not.toMatch(/\u001b/);
  });

  test('json: the same as NDJSON, with the audit record whole', () => {
    const documents = shown(jsonView).map((line) => JSON.parse(line) as object);
    expect(documents).toHaveLength(4);
    expect(documents[0]).toMatchObject({ kind: 'load', at: '2026-11-21T14:07:09.400Z' });
    expect(documents[3]).toMatchObject({
      kind: 'decision',
      record: { kind: 'decision', decision: { outcome: 'ScaleOut', reason: 'ScaleOutRule' } },
    });
  });

  test('calls are told on average of ten seconds, by account', () => {
    const lines: string[] = [];
    const view = plainView((text) => lines.push(text));
    for (let second = 0; second <= 10; second++) {
      for (const account of ['vision', 'openai']) {
        const blocked = account === 'vision' ? second : 0;
        const seconds = instant(Date.UTC(2026, 10, 21, 14, 7, second));
        view.show({ kind: 'calls', at: seconds, account, served: 3, blocked, failed: 0 });
      }
    }
    expect(lines).toEqual([
      '14:07:00  calls  vision  3/s served\n',
      '14:07:00  calls  openai  3/s served\n',
      '14:07:10  calls  vision  3/s served  5.5/s blocked\n',
      '14:07:10  calls  openai  3/s served\n',
    ]);
  });

  test('live: the panel fits the terminal', () => {
    const loads = Array.from({ length: 120 }, (_, second) => ({ ...load, requestsPerS: second }));
    const ansi = /\u001b\[\d+m/g;
    const calls = {
      kind: 'calls',
      at,
      account: 'vision',
      served: 18,
      blocked: 7,
      failed: 0,
    } as const;
    const widths = panel(loads, [calls], 60)
      .replace(ansi, '')
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(60);
  });

  test.each([
    [[], ''],
    [[0, 0], '▁▁'],
    [[1, 4, 8], '▂▅█'],
  ])('a chart of %j', (values, chart) => {
    expect(sparkline(values)).toBe(chart);
  });
});
