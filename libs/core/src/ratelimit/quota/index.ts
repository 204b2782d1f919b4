export type * from '../../decision/quota-facts.ts';
export * from './pool-state.ts';
export * from './plan-move.ts';
export * from './advance.ts';
export * from './pool-events.ts';
