import { parentPort } from 'node:worker_threads';
import type { TargetHistory } from '@headroom/scenario';
import { assessedSetting } from './assessed-setting.ts';

// A thread of `AssessPool`: for each history that comes it says what was found.

export interface AssessTask {
  readonly history: TargetHistory;
  /** Of its section in the report. */
  readonly id: string;
}

if (parentPort === null) throw new Error('thread.ts runs as a worker thread of AssessPool only.');
const door = parentPort;
door.on('message', ({ history, id }: AssessTask) => {
  door.postMessage(assessedSetting(history, id));
});
