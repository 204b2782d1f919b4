export { startArm } from './server.ts';
export type { ArmOptions, ArmServer } from './server.ts';
