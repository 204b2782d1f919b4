/** Why a decision on an autoscale setting is what it is. A hold's reason is the first that applies. */
export const ruleReasons = [
  'ScaleOutRule',
  'ScaleInRule',
  'BelowMinimum',
  'AboveMaximum',
  'DefaultCapacity',
  'Pinned',
  'NotTriggered',
  'NotAllTriggered',
  'Cooldown',
  'Flapping',
  'FlappingAdjusted',
  'AtMaximum',
  'AtMinimum',
  'InFlight',
  'Backoff',
  'Warming',
  'MetricMissing',
  'Disabled',
  'Paused',
  'Frozen',
  'CapacityUnknown',
  'FlapBudget',
  'Error',
] as const;

/** Of limits and quotas beside those; a hold's reason comes in the order of their own questions. */
export const limitReasons = [
  'Throttled',
  'NoAvailableCapacity',
  'CapacityFell',
  'DemandFell',
  'AutoscaleOff',
  'NotEligible',
  'AnomalyHold',
  'SpendGuard',
  'QuotaMoved',
] as const;
export const reasons = [...ruleReasons, ...limitReasons] as const;
export type Reason = (typeof reasons)[number];
