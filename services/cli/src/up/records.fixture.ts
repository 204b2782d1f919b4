/** Records for tests: what the audit log of a run may hold. */
import { instant, outcomeId, targetId } from '@headroom/core';
import type { AuditRecord, Decision, Instant, Outcome, ScaleCommand } from '@headroom/core';

export const fixtureTarget = targetId(
  '/subscriptions/s/providers/m/onlineEndpoints/chat/deployments/blue',
);
export const fixtureStart = instant(Date.parse('2026-11-21T14:00:00Z'));

/** The decision with this id that moves the count, and the command that goes with it. */
export function action(id: string, atS: number, from: number, to: number): AuditRecord {
  const decision = decisionOf(id, at(atS), from, to);
  return { kind: 'decision', decision, command: commandOf(decision, from, to) };
}

export function outcomeOf(
  commandId: string,
  atS: number,
  to: number,
  kind: Outcome['kind'] = 'Applied',
): AuditRecord {
  const outcome: Outcome = {
    id: outcomeId(commandId),
    commandId,
    target: fixtureTarget,
    kind,
    to,
    capacity: to,
    reachedProvider: true,
    detail: 'as asked',
    at: at(atS),
    source: { kind: 'log', position: { logId: 'log', partition: 0, sequence: atS } },
  };
  return { kind: 'outcome', outcome };
}

export function hold(id: string, atS: number): AuditRecord {
  const decision = decisionOf(id, at(atS), 2, 2);
  return { kind: 'decision', decision: { ...decision, outcome: 'Hold', reason: 'NotTriggered' } };
}

function at(seconds: number): Instant {
  return instant(fixtureStart + seconds * 1000);
}

function decisionOf(id: string, decidedAt: Instant, from: number, to: number): Decision {
  const position = { logId: 'log', partition: 0, sequence: 1 };
  const direction = to > from ? 'out' : 'in';
  return {
    id,
    target: fixtureTarget,
    setting: { id: 'chat-blue', version: 1 },
    mode: 'act',
    at: decidedAt,
    position,
    state: { capacity: { kind: 'known', instances: from, observedAt: decidedAt } },
    record: 'action',
    unchanged: 0,
    codeVersion: 'test',
    outcome: to > from ? 'ScaleOut' : 'ScaleIn',
    reason: to > from ? 'ScaleOutRule' : 'ScaleInRule',
    profile: 'default',
    capacity: { before: from, proposed: to, after: to },
    rules: [
      {
        index: 0,
        metric: 'CpuUtilizationPercentage',
        direction,
        reading: {
          kind: 'value',
          completeness: 'complete',
          value: 80,
          samples: 24,
          // The metric is half a second old when it is decided on.
          window: { lengthMs: 60_000, frontier: instant(decidedAt - 500), dataAgeMs: 500 },
        },
        observed: 80,
        operator: 'GreaterThan',
        threshold: 70,
        fired: true,
        cooldownLeftMs: 0,
      },
    ],
    trail: [],
    wantsCapacity: false,
  };
}

function commandOf(decision: Decision, from: number, to: number): ScaleCommand {
  return {
    kind: 'scale',
    id: decision.id,
    target: decision.target,
    expectedCapacity: from,
    to,
    reason: decision.reason,
    source: { kind: 'log', position: decision.position },
    decidedAt: decision.at,
    startBy: instant(decision.at + 120_000),
  };
}
