import { idOf, judge, minuteMs, outcomeId, PartitionFold, secondMs } from '@headroom/core';
import type {
  Decision,
  DecideInput,
  Instant,
  Judgement,
  LogEvent,
  Millis,
  Outcome,
  Sample,
  ScaleCommand,
  SettingVersion,
} from '@headroom/core';
import { FrameMaker } from '../frames.ts';
import { Coming } from './coming.ts';
import type { SamplesAt } from './sample-log.ts';

/** What history does to a target, rising in time. */
export type Doing =
  /** Azure begins an operation: the count is not known until it ends. */
  | {
      readonly kind: 'began';
      readonly at: Instant;
      readonly from: number;
      readonly to: number;
      readonly startsCooldown: boolean;
    }
  /** Somebody counted: after an operation, or by hand. */
  | { readonly kind: 'count'; readonly at: Instant; readonly instances: number };

type Began = Extract<Doing, { kind: 'began' }>;

export interface HistoryRunSetup {
  readonly version: SettingVersion;
  /** As which way the samples count: it says how old they may be. */
  readonly path: string;
  /** When the setting is asked first; before `from`, so that its windows are warm there where samples fill them. */
  readonly since: Instant;
  readonly from: Instant;
  readonly to: Instant;
  /** Known at `from`. */
  readonly before: readonly Sample[];
  /** What comes after `from`. */
  readonly arrivals: Iterable<SamplesAt, undefined>;
  /** Those before `from` tell how things stood then. */
  readonly doings: readonly Doing[];
  readonly watch: HistoryWatch;
}

/** Gets what happens, in order. */
export interface HistoryWatch {
  /** Azure begins an operation. */
  began(at: Instant): void;
  /** Headroom would act now, again at each news as long as that holds. */
  found(decision: Decision): void;
  /** Headroom looked and holds; `decision` puts it in words. */
  held(judgement: Judgement, decision: () => Decision): void;
}

const identity = { logId: 'assess', partition: 0, codeVersion: 'assess' };

/** A command that history does not carry out is taken back at the next news, or after this. */
const commandWaitsMs: Millis = minuteMs;

/**
 * A setting in mode `act` beside what Azure did: the fold decides, history answers. It holds no actuator.
 *
 *              Azure begins an operation                    it ends
 *   count known ─────────────────────────► count not known ─────────► count known
 *     │    ▲                              (cooldown counts from the begin)
 *     │    └── news, or a minute without: Superseded (no cooldown)
 *     └──► a command waits ─── Azure begins an operation: Superseded, and Azure's own counts
 *
 * So the count is Azure's at every instant, and what Headroom finds is found on Azure's history, not on its own.
 */
export class HistoryRun {
  readonly #setup: HistoryRunSetup;
  readonly #fold: PartitionFold;
  readonly #frames = new FrameMaker(identity.logId);
  readonly #doings: Coming<Doing>;
  readonly #arrivals: Coming<SamplesAt>;
  #sequence = 0;
  #count: number | undefined;
  #waiting: ScaleCommand | undefined;

  constructor(setup: HistoryRunSetup) {
    this.#setup = setup;
    this.#doings = new Coming(setup.doings);
    this.#arrivals = new Coming(setup.arrivals);
    this.#fold = new PartitionFold(identity, 0, (input, inWords) => this.#judge(input, inWords));
  }

  run(): void {
    const { version, since, from, to, before } = this.#setup;
    this.#say(since, [{ kind: 'setting', version }]);
    // Nothing is known of the metrics before `from`: nothing is to be found there either.
    for (let doing = this.#doings.takeUntil(from); doing; doing = this.#doings.takeUntil(from)) {
      if (doing.kind === 'count') this.#count = doing.instances;
      else this.#say(doing.at, this.#done(doing));
    }
    this.#say(from, [...this.#counted(from), ...this.#framesOf(before)]);
    while (this.#nextAt <= to) this.#step(this.#nextAt as Instant);
  }

  get #nextAt(): number {
    // A tick a second at most, as in a log.
    const tickAt = Math.max(this.#fold.dueAt ?? Infinity, this.#fold.now + secondMs);
    return Math.min(this.#doings.at, this.#arrivals.at, this.#takenBackAt, tickAt);
  }

  /** One thing of one instant; what else is of it follows. */
  #step(at: Instant): void {
    const doing = this.#doings.takeUntil(at);
    if (doing !== undefined) {
      this.#say(at, this.#done(doing));
      return;
    }
    const arrival = this.#arrivals.takeUntil(at);
    const news =
      arrival === undefined ? [] : [...this.#counted(at), ...this.#framesOf(arrival.samples)];
    const isOver = arrival !== undefined || this.#takenBackAt <= at;
    this.#say(at, [...(isOver ? this.#takenBack(at) : []), ...news, ...tick]);
  }

  get #takenBackAt(): number {
    return this.#waiting === undefined ? Infinity : this.#waiting.decidedAt + commandWaitsMs;
  }

  #say(at: Instant, events: readonly LogEvent[]): void {
    for (const message of this.#fold.applyMessage(++this.#sequence, at, events)) {
      if (message.kind !== 'scale' || message.decision === undefined) continue;
      this.#waiting = message.command;
      this.#setup.watch.found(message.decision);
    }
  }

  #done(doing: Doing): readonly LogEvent[] {
    const { at } = doing;
    const takenBack = this.#takenBack(at);
    if (doing.kind === 'count') {
      this.#count = doing.instances;
      return [...takenBack, ...this.#counted(at)];
    }
    // The count that Azure began with tells the direction.
    this.#count = doing.from;
    const counted = this.#counted(at);
    this.#count = undefined;
    this.#setup.watch.began(at);
    return [...takenBack, ...counted, { kind: 'outcome', outcome: this.#outcomeOf(doing) }];
  }

  /** An action of Azure's, as that of any other sender. It says no count: the operation has just begun. */
  #outcomeOf({ at, to, startsCooldown: reachedProvider }: Began): Outcome {
    const commandId = idOf('azure', at, to);
    const { target } = this.#setup.version;
    const source = { kind: 'external', sender: 'Azure autoscale' } as const;
    const ended = { kind: 'Applied', reachedProvider, detail: '', at, source } as const;
    return { id: outcomeId(commandId), commandId, target, to, ...ended };
  }

  #takenBack(at: Instant): readonly LogEvent[] {
    const command = this.#waiting;
    if (command === undefined) return [];
    this.#waiting = undefined;
    const { id: commandId, target, to, source, expectedCapacity: capacity } = command;
    const ended = { kind: 'Superseded', reachedProvider: false, detail: '', at } as const;
    const outcome: Outcome = {
      ...{ id: outcomeId(commandId), commandId, target, to, source },
      ...{ capacity, ...ended },
    };
    return [{ kind: 'outcome', outcome }];
  }

  #counted(at: Instant): readonly LogEvent[] {
    const instances = this.#count;
    if (instances === undefined) return [];
    const { target } = this.#setup.version;
    const observation = { target, commandId: '', instances, detail: '', at };
    return [{ kind: 'capacity', observation }];
  }

  #framesOf(samples: readonly Sample[]): readonly LogEvent[] {
    const { path } = this.#setup;
    return this.#frames.framesOf(samples.map((sample) => ({ sample, path })));
  }

  #judge(input: DecideInput, inWords: boolean | undefined): Judgement {
    const judgement = judge(input, inWords);
    // What is put in words was judged before.
    if (inWords === true || judgement.reason === 'InFlight' || judgement.outcome !== 'Hold') {
      return judgement;
    }
    this.#setup.watch.held(judgement, () => this.#inWords(input));
    return judgement;
  }

  #inWords(input: DecideInput): Decision {
    const { target, id, version, content } = this.#setup.version;
    const { logId, partition, codeVersion } = identity;
    const position = { logId, partition, sequence: this.#sequence };
    return {
      ...judge(input, true).verdict(),
      id: idOf(logId, partition, this.#sequence, target, id, version, 'decision'),
      target,
      setting: { id, version },
      mode: content.kind === 'setting' ? content.policy.mode : 'act',
      at: input.now,
      position,
      state: input.state,
      record: 'all',
      unchanged: 0,
      codeVersion,
    };
  }
}

/** Nothing but its time. */
const tick: readonly LogEvent[] = [{ kind: 'tick' }];
