import { setImmediate as turn } from 'node:timers/promises';
import { after } from '@headroom/core';
import { Bodies } from './evaluator-bodies.ts';
import { endOf, firingOneIn, firstMinute, limitSetting, shortRules } from './evaluator-fleet.ts';
import { HeadroomSide } from './evaluator-side.ts';
import { atLeast, atMost, millis, round, times } from './figures.ts';
import type { Row } from './figures.ts';
import { Limit } from './limit.ts';
import { expectCount, median, Takes, timed } from './rounds.ts';

const historyMinutes = 16;
const limitBuckets = 60;
const warmUps = 4;
const measured = 7;
const stalls = 5;

type Work = 'ingest' | 'drop' | 'round' | 'limit ingest' | 'limit scan' | 'limit running';

/** The rows of one fold with all settings in it. */
export async function evaluatorRound(settings: number): Promise<readonly Row[]> {
  const fleet = new Fleet(settings);
  for (let pass = 0; pass < warmUps; pass++) fleet.minute(new Takes<Work>());
  const takes = new Takes<Work>();
  for (let pass = 0; pass < measured; pass++) fleet.minute(takes);
  const slices: number[] = [];
  for (let pass = 0; pass < stalls; pass++) slices.push(await fleet.slicedMinute());
  return [...ratioRows(settings, takes), stallRow(settings, slices, takes.ms('limit scan'))];
}

function ratioRows(settings: number, takes: Takes<Work>): readonly Row[] {
  const rate = (work: Work) => `${round(settings / takes.ms(work), 0)}k`;
  const ingestText = `limit ${rate('limit ingest')}`;
  return [
    atLeast({
      what: `bytes → window at ${settings} series, 100 records a message, against the limit`,
      value: takes.ms('limit ingest') / takes.ms('ingest'),
      text: times,
      beside: `${rate('ingest')} records/s; ${ingestText}`,
      must: 0.25,
      aim: 0.5,
    }),
    atLeast({
      what: "dropping a record nobody asked for, against the limit's ingest",
      value: takes.ms('limit ingest') / takes.ms('drop'),
      text: times,
      beside: `${rate('drop')} records/s; ${ingestText}`,
      must: 0.5,
      aim: 0.8,
    }),
    atLeast({
      what: `a round of ${settings} settings × 4 rules, against the limit's re-scan`,
      value: takes.ms('limit scan') / takes.ms('round'),
      text: times,
      beside:
        `${rate('round')} settings/s; limit ${rate('limit scan')}, ` +
        `with running sums ${rate('limit running')}`,
      must: 0.1,
      aim: 0.3,
    }),
  ];
}

function stallRow(settings: number, slices: readonly number[], limitMs: number): Row {
  return atMost({
    what: `event-loop stall in a full round at ${settings} settings`,
    value: median(slices),
    text: millis,
    beside:
      `the longest slice of a round, median of ${slices.length} rounds, the longest of all ` +
      `${millis(Math.max(...slices))}; the limit's unsliced re-scan ${millis(limitMs)}`,
    must: 50,
    aim: 10,
  });
}

/**
 * Minutes in the life of a fleet: each begins with the evaluation of every setting, and goes on with
 * a record of each series and of as many that nobody asks for. The limit does the same work.
 */
class Fleet {
  readonly #headroom: HeadroomSide;
  readonly #limit: Limit;
  readonly #asked: Bodies;
  readonly #others: Bodies;
  readonly #settings: number;
  #minute = firstMinute + historyMinutes;

  constructor(settings: number) {
    this.#settings = settings;
    this.#headroom = new HeadroomSide(settings, shortRules, firstMinute);
    this.#headroom.fill(firstMinute + 1, this.#minute, endOf(this.#minute));
    const limitSettings = Array.from({ length: settings }, (_, at) => limitSetting(at, shortRules));
    this.#limit = new Limit(limitSettings, limitBuckets);
    this.#asked = new Bodies(settings, (place) => place);
    this.#others = new Bodies(settings, (place) => settings + place);
    for (let minute = firstMinute + 1; minute <= this.#minute; minute++) {
      this.#asked.moveTo(minute);
      this.#ingestLimit();
    }
  }

  minute(takes: Takes<Work>): void {
    const before = this.#minute++;
    takes.add(
      'round',
      timed(() => this.#tick()),
    );
    takes.add(
      'limit scan',
      timed(() => this.#limitRound(before, 'scan')),
    );
    takes.add(
      'limit running',
      timed(() => this.#limitRound(before, 'running')),
    );
    this.#prepare(before);
    takes.add(
      'limit ingest',
      timed(() => this.#ingestLimit()),
    );
    takes.add(
      'ingest',
      timed(() => this.#ingest(this.#asked, this.#settings)),
    );
    takes.add(
      'drop',
      timed(() => this.#ingest(this.#others, 0)),
    );
  }

  /** The longest time in milliseconds for which a minute's evaluations keep everybody else waiting. */
  async slicedMinute(): Promise<number> {
    const before = this.#minute++;
    const steps = this.#headroom.ticking(endOf(this.#minute));
    let longestMs = 0;
    for (;;) {
      const startedAt = performance.now();
      const { done } = steps.next();
      longestMs = Math.max(longestMs, performance.now() - startedAt);
      if (done === true) break;
      await turn();
    }
    this.#prepare(before);
    this.#ingest(this.#asked, this.#settings);
    return longestMs;
  }

  #tick(): void {
    const evaluated = this.#headroom.fold.counts.evaluations;
    this.#headroom.tick(endOf(this.#minute));
    const { evaluations, errors } = this.#headroom.fold.counts;
    expectCount('evaluations of a round', evaluations - evaluated, this.#settings);
    expectCount('evaluations that failed', errors, 0);
  }

  #limitRound(minute: number, how: 'scan' | 'running'): void {
    const firing = this.#limit.rules.round(this.#limit.windows, minute, how);
    expectCount('settings that fire', firing, Math.ceil(this.#settings / firingOneIn));
  }

  /**
   * So that the ingest that follows is nothing else: everybody was evaluated within the last second,
   * and is due again, for the minute before came once more.
   */
  #prepare(before: number): void {
    const at = after(endOf(this.#minute), 200);
    this.#headroom.confirmCapacities(at);
    this.#headroom.fill(before, before, at);
    this.#asked.moveTo(this.#minute);
    this.#others.moveTo(this.#minute);
  }

  #ingest(bodies: Bodies, known: number): void {
    const found = this.#headroom.ingest(bodies.all, after(endOf(this.#minute), 400));
    expectCount('records that are asked for', found, known);
  }

  #ingestLimit(): void {
    let known = 0;
    for (const body of this.#asked.all) known += this.#limit.ingest(body);
    expectCount('records that the limit knows', known, this.#settings);
  }
}
