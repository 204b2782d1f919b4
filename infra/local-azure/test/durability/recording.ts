import type { History } from './check/check.ts';
import type { LoggedEvent, SentBatch } from './check/events.ts';
import type { BusStep } from './check/messages.ts';
import type { RegisterStep } from './check/register.ts';
import type { Outcome, Violation } from './check/violation.ts';

/** The steps of one register as its only writer records them. */
export interface Register {
  wrote(value: string, outcome: Outcome): void;
  read(value: string): void;
}

/** The ledger: written by the load as it goes, read by the checks. */
export class Recording implements History {
  kills = 0;
  readonly #diedAtMs: number[] = [];
  readonly events = {
    sent: [] as SentBatch[],
    live: [] as LoggedEvent[],
    log: [] as LoggedEvent[],
  };
  readonly bus: BusStep[] = [];
  readonly registers = new Map<string, RegisterStep[]>();
  readonly feed = { seen: new Map<string, string>(), final: new Map<string, string>() };
  readonly reported: Violation[] = [];

  /** The process is gone. */
  died(): void {
    this.#diedAtMs.push(Date.now());
  }

  /**
   * After how many kills the server did something, by its own clock: what a client had received
   * already may be noted when the process is gone.
   */
  killsBefore(serverMs: number): number {
    return this.#diedAtMs.filter((atMs) => atMs <= serverMs).length;
  }

  register(name: string): Register {
    const steps = this.registers.get(name) ?? [];
    this.registers.set(name, steps);
    return {
      wrote: (value, outcome) => {
        steps.push({ kind: 'wrote', value, outcome, kill: this.kills });
      },
      read: (value) => void steps.push({ kind: 'read', value, kill: this.kills }),
    };
  }

  report(where: string, what: string): void {
    this.reported.push({ where, what, kill: this.kills });
  }
}
