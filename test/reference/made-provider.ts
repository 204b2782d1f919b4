import { instant } from '@headroom/core';
import type { LogEvent, OutcomeKind, ReadCommand, ScaleCommand, TargetId } from '@headroom/core';
import { minuteMs, secondMs } from './durations.ts';
import type { Random } from './random.ts';
import type { Timetable } from './timetable.ts';

/** Outcomes of commands that the provider never saw. */
const unasked: readonly OutcomeKind[] = ['NoOp', 'Superseded', 'Expired'];

/** Whoever carries commands out: at once, slowly, badly, or not at all. */
export class MadeProvider {
  readonly #random: Random;
  readonly #target: TargetId;
  readonly #timetable: Timetable<LogEvent>;
  readonly #operationMs: number;
  readonly #troubles: number;
  #instances: number;

  constructor(
    random: Random,
    target: TargetId,
    timetable: Timetable<LogEvent>,
    begin: number,
    spanMs: number,
  ) {
    this.#random = random;
    this.#target = target;
    this.#timetable = timetable;
    this.#instances = random.int(0, 9);
    this.#operationMs = random.pick([0, 0, 10 * secondMs, 2 * minuteMs, 10 * minuteMs]);
    this.#troubles = random.pick([0, 0.1, 0.1, 0.5]);
    const handsOn = random.pick([0, 0, 1, 4]);
    for (let i = 0; i < handsOn; i++) this.#planHand(begin + random.next() * spanMs);
    if (random.chance(0.1)) this.#planForeign(begin + random.next() * spanMs);
  }

  read({ id }: ReadCommand, at: number): void {
    const random = this.#random;
    if (random.chance(this.#troubles * 0.2)) return;
    const answerAt = at + random.pick([0, 1, secondMs, 20 * secondMs]);
    const isKnown = !random.chance(this.#troubles * 0.1);
    this.#timetable.plan(answerAt, () => [this.#observation(id, answerAt, isKnown)]);
  }

  scale(command: ScaleCommand, at: number): void {
    const random = this.#random;
    const kind = this.#fate();
    const { id: commandId, target } = command;
    const startAt = at + random.int(0, 3) * secondMs;
    const endAt = startAt + Math.round(this.#operationMs * (0.5 + random.next()));
    // Nobody picks it up; perhaps somebody finds it after it was given up.
    const isLost = random.chance(this.#troubles * 0.2);
    if (!isLost && !unasked.includes(kind)) {
      const started = { commandId, target, to: command.to, at: instant(startAt) };
      this.#timetable.plan(startAt, () => [{ kind: 'started', started }]);
    }
    if (isLost && random.chance(0.5)) return;
    const outcomeAt = isLost ? endAt + 6 * minuteMs : endAt;
    this.#timetable.plan(outcomeAt, () => {
      const outcome = this.#outcome(command, kind, outcomeAt);
      if (random.chance(0.05)) {
        this.#timetable.plan(outcomeAt + random.int(0, 300) * secondMs, () => [outcome]);
      }
      return [outcome];
    });
  }

  #fate(): OutcomeKind {
    const random = this.#random;
    if (!random.chance(this.#troubles)) return 'Applied';
    return random.pick<OutcomeKind>([
      'Applied',
      'Failed',
      'Failed',
      'QuotaExceeded',
      'CapacityUnavailable',
      'Rejected',
      'DeadLettered',
      ...unasked,
    ]);
  }

  #outcome(command: ScaleCommand, kind: OutcomeKind, at: number): LogEvent {
    if (kind === 'Applied') this.#instances = command.to;
    const isKnown = !this.#random.chance(this.#troubles * 0.1);
    const { id: commandId, target, to, source } = command;
    const outcome = {
      id: `outcome ${commandId}`,
      commandId,
      target,
      to,
      source,
      kind,
      reachedProvider: !unasked.includes(kind) && kind !== 'DeadLettered',
      detail: 'made up',
      at: instant(at),
      ...(isKnown ? { capacity: this.#instances } : {}),
    };
    return { kind: 'outcome', outcome };
  }

  /** Somebody changes the capacity; the log learns it now, or when it asks. */
  #planHand(at: number): void {
    const time = Math.round(at);
    this.#timetable.plan(time, () => {
      this.#instances = this.#random.int(0, 15);
      return this.#random.chance(0.7) ? [this.#observation('hand', time, true)] : [];
    });
  }

  /** Somebody else's command ends. */
  #planForeign(at: number): void {
    const time = Math.round(at);
    this.#timetable.plan(time, () => {
      const to = this.#random.int(0, 10);
      this.#instances = to;
      const outcome = {
        id: 'outcome foreign',
        commandId: 'foreign',
        target: this.#target,
        to,
        capacity: to,
        source: { kind: 'external', sender: 'somebody' },
        kind: 'Applied',
        reachedProvider: true,
        detail: 'made up',
        at: instant(time),
      } as const;
      return [{ kind: 'outcome', outcome }];
    });
  }

  #observation(commandId: string, at: number, isKnown: boolean): LogEvent {
    const observation = {
      target: this.#target,
      commandId,
      detail: 'made up',
      at: instant(at),
      ...(isKnown ? { instances: this.#instances } : {}),
    };
    return { kind: 'capacity', observation };
  }
}
