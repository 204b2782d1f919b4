export { backtest, backtestOwn, ownDifferenceMost } from './backtest.ts';
export type * from './backtested.ts';
export { instanceHours } from './capacity-curve.ts';
export { flapWithinMs } from './figures.ts';
export { heldOutErrorMost } from './fitted-model.ts';
export * from './options.ts';
export * from './sweep.ts';
