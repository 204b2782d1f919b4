/**
 * A test's stand-in for the whole pipeline: reads the demo's own setting and records, in virtual time, with the plainest
 * rules that could scale (one-minute means, any rule out, all rules in, cooldown from the last action).
 */
import { instant } from '@headroom/core';
import { demoDeployment } from './deployment.ts';
import { loadOf } from './load.ts';
import { metricRecords, pushGrainMs, type MetricRecord } from './records.ts';
import type { Traffic } from './traffic.ts';

export interface VirtualAction {
  readonly atS: number;
  readonly from: number;
  readonly to: number;
}

/** The part of the setting's JSON that the stand-in reads. */
export interface RuleDocument {
  readonly metricTrigger: {
    readonly metricName: string;
    readonly operator: string;
    readonly threshold: number;
  };
  readonly scaleAction: { readonly direction: string; readonly value: string };
}

export interface VirtualDemo {
  readonly traffic: Traffic;
  readonly rules: readonly RuleDocument[];
  readonly minimum: number;
  readonly maximum: number;
  readonly provisioningS: number;
  readonly forS: number;
}

const windowS = 60;
const cooldownS = 60;
const grainS = pushGrainMs / 1000;

export function runVirtualDemo(demo: VirtualDemo): readonly VirtualAction[] {
  const records: { readonly endS: number; readonly record: MetricRecord }[] = [];
  const actions: VirtualAction[] = [];
  for (let atS = grainS; atS <= demo.forS; atS += grainS) {
    const startS = atS - grainS;
    const load = loadOf(demo.traffic(startS * 1000), readyAt(startS, actions, demo));
    const pushed = metricRecords(demoDeployment, load, instant(startS * 1000));
    records.push(...pushed.map((record) => ({ endS: atS, record })));
    const recent = records.filter(({ endS }) => endS > atS - windowS).map(({ record }) => record);
    const action = atS >= windowS ? decide(demo, recent, actions, atS) : undefined;
    if (action) actions.push(action);
  }
  return actions;
}

function readyAt(atS: number, actions: readonly VirtualAction[], demo: VirtualDemo): number {
  const ready = actions.filter((action) => action.atS + demo.provisioningS <= atS);
  return ready.at(-1)?.to ?? demoDeployment.instances;
}

function decide(
  demo: VirtualDemo,
  records: readonly MetricRecord[],
  actions: readonly VirtualAction[],
  atS: number,
): VirtualAction | undefined {
  const last = actions.at(-1);
  if (last && atS - last.atS < Math.max(cooldownS, demo.provisioningS)) return undefined;
  const from = last?.to ?? demoDeployment.instances;
  const asked = (direction: string) =>
    demo.rules.filter((rule) => rule.scaleAction.direction === direction);
  const out = asked('Increase').filter((rule) => fires(rule, records));
  const allIn = asked('Decrease').every((rule) => fires(rule, records));
  const change =
    out.length > 0
      ? Math.max(...out.map(valueOf))
      : allIn
        ? -Math.min(...asked('Decrease').map(valueOf))
        : 0;
  const to = Math.min(demo.maximum, Math.max(demo.minimum, from + change));
  return to === from ? undefined : { atS, from, to };
}

function valueOf(rule: RuleDocument): number {
  return Number(rule.scaleAction.value);
}

function fires({ metricTrigger }: RuleDocument, records: readonly MetricRecord[]): boolean {
  const wanted = records.filter((record) => record.metricName === metricTrigger.metricName);
  const total = wanted.reduce((sum, record) => sum + record.total, 0);
  const mean = total / wanted.reduce((sum, record) => sum + record.count, 0);
  return metricTrigger.operator === 'GreaterThan'
    ? mean > metricTrigger.threshold
    : mean < metricTrigger.threshold;
}
