export * from './pool-state.ts';
export * from './plan-move.ts';
export * from './advance.ts';
export * from './pool-events.ts';
