export { createApplier } from './applier.ts';
export type { Applier } from './applier.ts';
export type { ApplierPorts } from './applier-ports.ts';
