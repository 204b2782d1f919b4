import type { Outcome, Violation } from './violation.ts';

/** What happened to messages, in the order in which the clients learned of it. */
export type BusStep =
  | {
      readonly kind: 'sent';
      readonly id: string;
      /** Queues and subscriptions that get it. */
      readonly paths: readonly string[];
      readonly outcome: Outcome;
      /** Not to be delivered before (epoch ms); 0: at once. */
      readonly dueMs: number;
      readonly kill: number;
    }
  | {
      readonly kind: 'delivered';
      readonly path: string;
      readonly id: string;
      readonly sequence: number;
      readonly deliveryCount: number;
      readonly atMs: number;
      readonly kill: number;
    }
  /** About to be settled: the answer may come late, or to nobody. */
  | (SettlingStep & { readonly kind: 'settling' })
  | (SettlingStep & { readonly kind: 'settled'; readonly outcome: Outcome })
  | {
      readonly kind: 'cancelled';
      readonly id: string;
      readonly outcome: Outcome;
      readonly kill: number;
    }
  /** Found at the end among the dead letters. */
  | {
      readonly kind: 'dead';
      readonly path: string;
      readonly id: string;
      readonly reason: string;
      readonly kill: number;
    }
  /** Found at the end where it was sent, when receivers had all the time they wanted. */
  | { readonly kind: 'left'; readonly path: string; readonly id: string; readonly kill: number };

interface SettlingStep {
  readonly path: string;
  readonly id: string;
  readonly how: 'complete' | 'abandon' | 'dead-letter' | 'defer';
  /** Of which of the message's deliveries, from 1. */
  readonly delivery: number;
  readonly kill: number;
}

export const TOO_MANY_DELIVERIES = 'MaxDeliveryCountExceeded';
/** Of dead letters that the load made itself. */
export const REJECTED = 'rejected by the kill test';
/** Clocks of two processes on one machine, in whole milliseconds. */
const CLOCK_SLACK_MS = 5;

interface Settlement {
  readonly how: string;
  readonly outcome: Outcome;
  readonly kill: number;
}

/** One message on one path. */
interface Course {
  readonly where: string;
  isPromised: boolean;
  isSent: boolean;
  dueMs: number;
  sentKill: number;
  sequence: number | undefined;
  deliveries: number;
  lastCount: number;
  lastKill: number;
  /** The last settlement that a client asked for. */
  ended: Settlement | undefined;
  cancelled: Outcome | undefined;
  found: string | undefined;
}

/** Judges what was seen so far; with `isWhole` also that nothing acknowledged was lost. */
export function checkMessages(steps: readonly BusStep[], isWhole: boolean): Violation[] {
  const judge = new Judge();
  for (const step of steps) judge.take(step);
  if (isWhole) judge.end();
  return judge.violations;
}

class Judge {
  readonly violations: Violation[] = [];
  readonly #courses = new Map<string, Map<string, Course>>();
  readonly #owners = new Map<string, string>();

  take(step: BusStep): void {
    switch (step.kind) {
      case 'sent':
        for (const path of step.paths) this.#sent(this.#course(path, step.id), step);
        return;
      case 'cancelled':
        for (const course of this.#courses.get(step.id)?.values() ?? []) {
          course.cancelled = step.outcome;
          if (step.outcome === 'acknowledged' && course.deliveries > 0) {
            this.#say(course, 'cancelled after it was delivered', step.kill);
          }
        }
        return;
      case 'delivered':
        this.#delivered(this.#course(step.path, step.id), step);
        return;
      case 'settling':
        this.#settled(this.#course(step.path, step.id), { ...step, outcome: 'unknown' });
        return;
      case 'settled':
        this.#settled(this.#course(step.path, step.id), step);
        return;
      case 'dead':
        this.#dead(this.#course(step.path, step.id), step);
        return;
      case 'left':
        this.#left(this.#course(step.path, step.id), step);
    }
  }

  /** Every acknowledged message was completed, cancelled, or is among the dead letters. */
  end(): void {
    for (const courses of this.#courses.values()) {
      for (const course of courses.values()) this.#fate(course);
    }
  }

  #fate(course: Course): void {
    const { ended, found, isPromised, cancelled, deliveries } = course;
    const kill = ended?.kill ?? course.lastKill;
    const say = (what: string): void => this.#say(course, what, kill);
    if (ended?.how === 'dead-letter' && ended.outcome === 'acknowledged' && found !== 'dead') {
      say('acknowledged as a dead letter, but not among them');
    }
    if (!isPromised || cancelled !== undefined || found !== undefined || ended !== undefined)
      return;
    say(deliveries === 0 ? 'acknowledged, never delivered' : 'delivered, not settled, and gone');
  }

  #sent(course: Course, step: BusStep & { kind: 'sent' }): void {
    course.isPromised ||= step.outcome === 'acknowledged';
    course.dueMs = step.dueMs;
    if (!course.isSent) course.sentKill = course.lastKill = step.kill;
    course.isSent = true;
  }

  #delivered(course: Course, step: BusStep & { kind: 'delivered' }): void {
    const say = (what: string): void => this.#say(course, what, step.kill);
    this.#appeared(course, step.kill, 'delivered');
    if (step.atMs + CLOCK_SLACK_MS < course.dueMs) say('delivered before its time');
    if (course.sequence !== undefined && course.sequence !== step.sequence) {
      say(`there are two of it: sequence numbers ${course.sequence} and ${step.sequence}`);
    }
    const owner = `${step.path} ${step.sequence}`;
    if ((this.#owners.get(owner) ?? step.id) !== step.id) {
      say(`has sequence number ${step.sequence} of ${this.#owners.get(owner) ?? ''}`);
    }
    this.#owners.set(owner, step.id);
    // A count that was not yet on disk when the process died is counted at the restart.
    const least = course.lastCount + (course.lastKill < step.kill ? 0 : 1);
    if (course.deliveries > 0 && step.deliveryCount < least) {
      say(`delivery count ${step.deliveryCount} after ${course.lastCount}`);
    }
    // One delivery a kill may have been on its way to a client that never saw it.
    const unseen = Math.max(0, step.kill - course.sentKill);
    if (step.deliveryCount > course.deliveries + unseen) {
      say(`delivery count ${step.deliveryCount} at delivery ${course.deliveries + 1}`);
    }
    course.sequence = step.sequence;
    course.deliveries += 1;
    course.lastCount = step.deliveryCount;
    course.lastKill = step.kill;
    course.ended = undefined;
  }

  /**
   * Without an answer, a settlement says nothing of a delivery that was followed by another: it may be asked for late,
   * after a renewal of the lock that had no answer either, and noted later.
   */
  #settled(course: Course, step: Settlement & { readonly delivery: number }): void {
    if (step.outcome === 'unknown' && step.delivery < course.deliveries) return;
    course.ended = step.how === 'abandon' ? undefined : step;
  }

  #dead(course: Course, step: BusStep & { kind: 'dead' }): void {
    if (course.found !== undefined) this.#say(course, 'found a second time', step.kill);
    const { ended } = course;
    const isOurs = ended?.how === 'dead-letter' && ended.outcome === 'acknowledged';
    const reasons = isOurs ? [REJECTED] : [REJECTED, TOO_MANY_DELIVERIES];
    if (!reasons.includes(step.reason)) {
      this.#say(course, `a dead letter with the reason '${step.reason}'`, step.kill);
    }
    if (!isOurs) this.#appeared(course, step.kill, 'a dead letter');
    course.found = 'dead';
  }

  #left(course: Course, step: BusStep & { kind: 'left' }): void {
    this.#appeared(course, step.kill, 'still there');
    this.#say(course, 'never came to a receiver that waited for it', step.kill);
    course.found = 'left';
  }

  /** Says when a message is seen that cannot be there any more, or never was. */
  #appeared(course: Course, kill: number, how: string): void {
    const { ended, cancelled, isSent } = course;
    if (!isSent) this.#say(course, `${how}, but nobody sent it`, kill);
    if (cancelled === 'acknowledged') {
      this.#say(course, `${how} after it was cancelled`, kill);
    }
    if (ended?.outcome === 'acknowledged') {
      this.#say(course, `${how} after an acknowledged ${ended.how}`, kill);
    }
  }

  #course(path: string, id: string): Course {
    const courses = this.#courses.get(id) ?? new Map<string, Course>();
    this.#courses.set(id, courses);
    const known = courses.get(path);
    if (known !== undefined) return known;
    const fresh: Course = {
      ...{ where: `message ${id} of ${path}`, isPromised: false, isSent: false, dueMs: 0 },
      ...{ sentKill: 0, sequence: undefined, deliveries: 0, lastCount: 0, lastKill: 0 },
      ...{ ended: undefined, cancelled: undefined, found: undefined },
    };
    courses.set(path, fresh);
    return fresh;
  }

  #say({ where }: Course, what: string, kill: number): void {
    this.violations.push({ what, where, kill });
  }
}
