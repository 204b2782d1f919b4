export { Limiter } from './limiter.ts';
export type { LimiterOptions } from './limiter.ts';
export { statusOf } from './admission.ts';
export type { AccountSetting } from './account.ts';
export type {
  Admission,
  Call,
  End,
  Failed,
  Quota,
  Served,
  Standing,
  Ticket,
  TokenAmount,
} from './admission.ts';
export { Renewals } from './renewals.ts';
export type { Renewed, RenewalsOptions } from './renewals.ts';
export type {
  AccountTally,
  CallerTally,
  DeploymentTally,
  KeyTally,
  LatencyTally,
} from './tally.ts';
