export { createEvaluator } from './evaluator.ts';
export type { Evaluator, EvaluatorStatus } from './evaluator.ts';
export type { EvaluatorOptions, EvaluatorPorts } from './evaluator-ports.ts';
