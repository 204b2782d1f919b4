import { describe, expect, test } from '@jest/globals';
import { ruleReasons } from '@headroom/core';
import { replay } from '@headroom/scenario';
import { readGolden } from './store.ts';

/** Most that a failure shows. */
const shownMost = 10;

const golden = readGolden();

describe('10,000 golden decision records', () => {
  test('are there', () => {
    expect(golden).toHaveLength(10_000);
  });

  test('replay identically, every one', () => {
    const different = golden.flatMap(({ line, decision, content }) => {
      const replayed = replay(decision, content);
      const { id, target, at, reason } = decision;
      return replayed.kind === 'identical' ? [] : [{ line, id, target, at, reason, replayed }];
    });
    expect(different.slice(0, shownMost)).toEqual([]);
  });

  test('have every reason and outcome', () => {
    const found = (member: 'reason' | 'outcome') =>
      [...new Set(golden.map(({ decision }) => decision[member]))].sort();
    expect(found('reason')).toEqual([...ruleReasons].sort());
    expect(found('outcome')).toEqual(['Hold', 'ScaleIn', 'ScaleOut']);
  });

  test('have every kind of record and of profile', () => {
    expect(new Set(golden.map(({ decision }) => decision.record))).toEqual(
      new Set(['action', 'change', 'heartbeat', 'all']),
    );
    const kinds = golden.map(({ decision, content }) => {
      if (content.kind !== 'setting') return content.kind;
      const profile = content.setting.profiles.find(({ name }) => name === decision.profile);
      return profile === undefined ? 'none' : (profile.schedule?.kind ?? 'default');
    });
    expect(new Set(kinds)).toEqual(
      new Set(['default', 'fixedDate', 'recurrence', 'none', 'unreadable']),
    );
  });

  test('have every reading', () => {
    const readings = golden.flatMap(({ decision }) =>
      decision.rules.map(({ reading }) =>
        reading.kind === 'value' ? reading.completeness : reading.kind,
      ),
    );
    expect(new Set(readings)).toEqual(
      new Set(['complete', 'partial', 'lastGood', 'missing', 'warming']),
    );
  });

  test('have every option', () => {
    const policies = golden.flatMap(({ content }) =>
      content.kind === 'setting' ? [content.policy] : [],
    );
    const values = (member: keyof (typeof policies)[number]) =>
      new Set(policies.map((policy) => policy[member]));
    expect(values('mode')).toEqual(new Set(['act', 'observe']));
    expect(values('auditLevel')).toEqual(new Set(['all', 'changes']));
    expect(values('cooldownFrom')).toEqual(new Set(['candidateRule', 'lastFiredRule']));
    expect(values('scaleOutPreemptsCooldown')).toEqual(new Set([true, false]));
    expect(values('flapBudget').size).toBeGreaterThan(2);
    expect(values('capacityLadder').size).toBeGreaterThan(2);
    const missing = policies.flatMap(({ missingData }) => [
      missingData.out.kind,
      ...missingData.rules.map(({ use }) => use.kind),
    ]);
    expect(new Set(missing)).toEqual(new Set(['hold', 'default', 'failUp', 'lastGood']));
  });
});
