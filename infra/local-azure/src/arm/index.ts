export { startArm } from './server.ts';
export type { ArmOptions, ArmServer, RequestWitness } from './server.ts';
export type { ArmControl } from './faults/control.ts';
export type { FailingOperation, Fault } from './faults/faults.ts';
export type { MetricSample } from './insights/metric-store.ts';
export type { NewActivityEvent } from './insights/activity-log.ts';
export type { BackendChange, QuotaChange } from './cognitive-services/model-quota.ts';
