import { parentPort, workerData } from 'node:worker_threads';
import { sweepSteps } from './run-sweep.ts';
import type { SweepWork } from './run-sweep.ts';

// A thread of a sweep: its part of the settings, told one by one.
for (const step of sweepSteps(workerData as SweepWork)) parentPort?.postMessage(step);
