import { durationText } from '@headroom/core';
import type { ChildEvent } from '@headroom/runtime';
import type { ServiceEvent } from '../view/shown-event.ts';

/** Tells what happens to the processes, and how long a killed one took to come back. */
export class ChildNarrator {
  readonly #show: (event: ServiceEvent) => void;
  readonly #now: () => number;
  /** When each of those was killed that is not back yet; monotonic milliseconds. */
  readonly #killedAt = new Map<string, number>();
  #kills = 0;

  constructor(show: (event: ServiceEvent) => void, now: () => number) {
    this.#show = show;
    this.#now = now;
  }

  get kills(): number {
    return this.#kills;
  }

  /** Those that were killed and are not back yet. */
  get missing(): readonly string[] {
    return [...this.#killedAt.keys()];
  }

  killed(name: string, pid: number): void {
    this.#kills++;
    this.#killedAt.set(name, this.#now());
    this.#show({ kind: 'service', name, state: 'killed', text: `kill -9 of process ${pid}` });
  }

  take(event: ChildEvent): void {
    const told = this.#told(event);
    if (told !== undefined) this.#show({ kind: 'service', name: event.name, ...told });
  }

  /** What is worth telling: not what follows from a kill or from the end of the run. */
  #told(event: ChildEvent): Told | undefined {
    const { name } = event;
    const killedAt = this.#killedAt.get(name);
    switch (event.kind) {
      case 'ready':
        this.#killedAt.delete(name);
        if (killedAt === undefined) return { state: 'ready', text: afterText(event.tookMs) };
        return {
          state: 'recovered',
          text: `${durationText(this.#now() - killedAt)} after the kill`,
        };
      case 'exited':
        if (event.expected || killedAt !== undefined) return undefined;
        return { state: 'exited', text: exitText(event) };
      case 'restarting':
        if (killedAt !== undefined) return undefined;
        return { state: 'restarting', text: restartText(event) };
      case 'forced':
        return { state: 'exited', text: 'did not end in time and was killed' };
      case 'started':
        return undefined;
    }
  }
}

type Told = Pick<ServiceEvent, 'state' | 'text'>;

function afterText(ms: number): string {
  return `after ${durationText(ms)}`;
}

function restartText({ inMs, failures }: Extract<ChildEvent, { kind: 'restarting' }>): string {
  return `in ${durationText(inMs)}, ended ${failures} times in a row`;
}

function exitText({ exit }: Extract<ChildEvent, { kind: 'exited' }>): string {
  if (exit.error !== undefined) return `could not be started: ${exit.error.message}`;
  return exit.signal === null ? `with exit code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
}
