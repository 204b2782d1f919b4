import { minuteMs } from '@headroom/core';
import { firstMinute, recordOf, shuffled } from './evaluator-fleet.ts';

const recordsPerBody = 100;
const timeField = '"time":"';
/** `2026-11-21T09:03` */
const timeLength = 16;

/** Messages of the hub with one record of each series, a hundred a message; their minute can be moved on. */
export class Bodies {
  readonly all: readonly Buffer[];
  readonly records: number;
  readonly #timesAt: readonly (readonly number[])[];

  /** `indexOf`: of the place in the fleet to the series that its record names. */
  constructor(count: number, indexOf: (place: number) => number) {
    const order = shuffled(count);
    this.records = count;
    this.all = Array.from({ length: Math.ceil(count / recordsPerBody) }, (_, body) => {
      const places = order.slice(body * recordsPerBody, (body + 1) * recordsPerBody);
      const records = places.map((place) => recordOf(indexOf(place), firstMinute));
      return Buffer.from(JSON.stringify({ records }));
    });
    this.#timesAt = this.all.map(timesOf);
  }

  moveTo(minute: number): void {
    const text = new Date(minute * minuteMs).toISOString().slice(0, timeLength);
    for (const [body, places] of this.#timesAt.entries()) {
      for (const at of places) this.all[body]?.write(text, at, 'latin1');
    }
  }
}

function timesOf(body: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = body.indexOf(timeField); at >= 0; at = body.indexOf(timeField, at + 1)) {
    places.push(at + timeField.length);
  }
  return places;
}
