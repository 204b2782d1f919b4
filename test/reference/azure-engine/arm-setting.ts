/** An autoscale setting as Azure Resource Manager holds it, of the members that the engine looks at. */
export interface ArmSetting {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly properties: {
    readonly name: string;
    readonly enabled: boolean;
    readonly targetResourceUri: string;
    readonly profiles: readonly ArmProfile[];
  };
}

export interface ArmProfile {
  readonly name: string;
  /** Numbers as text. */
  readonly capacity: {
    readonly minimum: string;
    readonly maximum: string;
    readonly default: string;
  };
  readonly rules: readonly ArmRule[];
  /** Wall clock of `timeZone`; an offset is ignored. */
  readonly fixedDate?: {
    readonly timeZone: string;
    readonly start: string;
    readonly end: string;
  };
  readonly recurrence?: {
    readonly frequency: 'Week';
    readonly schedule: {
      readonly timeZone: string;
      readonly days: readonly string[];
      readonly hours: readonly [number];
      readonly minutes: readonly [number];
    };
  };
}

export interface ArmRule {
  readonly metricTrigger: ArmTrigger;
  readonly scaleAction: ArmAction;
}

export interface ArmTrigger {
  readonly metricName: string;
  readonly metricNamespace?: string;
  readonly metricResourceUri: string;
  readonly timeGrain: string;
  readonly statistic: 'Average' | 'Min' | 'Max' | 'Sum' | 'Count';
  readonly timeWindow: string;
  readonly timeAggregation: 'Average' | 'Minimum' | 'Maximum' | 'Total' | 'Count' | 'Last';
  readonly operator: ArmOperator;
  readonly threshold: number;
  readonly dividePerInstance?: boolean;
  readonly dimensions?: readonly ArmDimension[];
}

export type ArmOperator =
  'Equals' | 'NotEquals' | 'GreaterThan' | 'GreaterThanOrEqual' | 'LessThan' | 'LessThanOrEqual';

export interface ArmDimension {
  readonly DimensionName: string;
  readonly Operator: 'Equals' | 'NotEquals';
  readonly Values: readonly string[];
}

export interface ArmAction {
  readonly direction: 'Increase' | 'Decrease';
  readonly type: 'ChangeCount' | 'PercentChangeCount' | 'ExactCount';
  readonly value: string;
  readonly cooldown: string;
}

/** `PT1H30M` in milliseconds. */
export function durationMs(iso: string): number {
  const [, days, hours, minutes, seconds] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(iso) ?? [];
  const inHours = Number(days ?? 0) * 24 + Number(hours ?? 0);
  const total = (inHours * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0);
  if (total > 0) return total * 1_000;
  throw new Error(`${iso} is no duration that the engine reads`);
}
