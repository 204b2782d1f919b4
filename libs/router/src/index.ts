export { createRouter } from './router.ts';
export type { Router, RouterStatus } from './router.ts';
export type { RouterPorts } from './router-ports.ts';
