import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { partOf } from '@headroom/runtime';
import type { TargetHistory } from '@headroom/scenario';
import type { ReportedSetting } from '../report/render-report.ts';
import type { AssessTask } from './thread.ts';

/**
 * Threads that assess one history after the other. Whoever asks for more than there are threads waits: histories are large.
 */
export class AssessPool {
  readonly #idle: Worker[] = [];
  readonly #threads: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor(threads: number) {
    const { file, args } = partOf('assess', () => new URL('./thread.ts', import.meta.url));
    for (let count = 0; count < threads; count++) {
      this.#threads.push(new Worker(file, { argv: [...args] }));
    }
    this.#idle.push(...this.#threads);
  }

  /** Resolves as soon as a thread has taken it; `assessed` when it is through. */
  async begin(
    history: TargetHistory,
    id: string,
  ): Promise<{ readonly assessed: Promise<ReportedSetting> }> {
    const worker = this.#idle.pop() ?? (await this.#next());
    return { assessed: this.#through(worker, { history, id }) };
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((worker) => worker.terminate()));
  }

  async #through(worker: Worker, task: AssessTask): Promise<ReportedSetting> {
    worker.postMessage(task);
    const [assessed] = (await once(worker, 'message')) as [ReportedSetting];
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(worker);
    else next(worker);
    return assessed;
  }

  #next(): Promise<Worker> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
