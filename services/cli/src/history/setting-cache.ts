import { join } from 'node:path';
import type { Instant, Millis, Sample } from '@headroom/core';
import type { AutoscaleEvent, RefusedMetric } from '@headroom/ports';
import { messageOf } from '../command-failed.ts';
import { beginOf, endOf } from './days.ts';
import type { Day } from './days.ts';
import { eventLines, readEventLines } from './event-lines.ts';
import { isThere, readIfThere, readJsonIfThere, writePrivate } from './private-files.ts';
import { readLines, zippedLines } from './sample-lines.ts';

/** So long after its end Azure has all metrics of a day, and its activity log. */
const settledMs: Millis = 3_600_000;

/** What is known of a day that was fetched. */
export interface FetchedDay {
  /** Of the day, what was asked for. */
  readonly from: Instant;
  readonly to: Instant;
  /** When. */
  readonly at: Instant;
  /** Names what was asked for: a rule on another metric asks anew. */
  readonly asked: string;
  readonly refused: readonly RefusedMetric[];
}

export interface ReadDay {
  readonly samples: readonly Sample[];
  /** What could not be read, for a person. */
  readonly gaps: readonly string[];
}

/**
 * What was fetched of one autoscale setting, in a folder of its own:
 *
 *   setting.json             as Resource Manager sent it
 *   days.json                which days are there, and what was refused
 *   events.ndjson.gz         what Azure's engine did
 *   event-days.json          the days of which it is everything, and when they were fetched
 *   2026-11-28.ndjson.gz     metric records of a day: the rules' and the setting's own
 */
export class SettingCache {
  readonly folder: string;
  #days: Map<Day, FetchedDay> | undefined;
  #eventDays: Map<Day, number> | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  document(): Promise<unknown> {
    return readJsonIfThere(join(this.folder, 'setting.json'));
  }

  keepDocument(document: unknown): Promise<void> {
    return writePrivate(join(this.folder, 'setting.json'), JSON.stringify(document, null, 2));
  }

  async days(): Promise<ReadonlyMap<Day, FetchedDay>> {
    this.#days ??= new Map(daysIn(await readJsonIfThere(this.#daysFile)));
    return this.#days;
  }

  /** Whether the day need not be fetched: it was, with what is asked for now, from `from` on, and after it was over. */
  async has(day: Day, asked: string, from: Instant): Promise<boolean> {
    const fetched = (await this.days()).get(day);
    if (fetched?.asked !== asked) return false;
    const begin = Math.max(from, beginOf(day));
    const isWhole =
      fetched.from <= begin && fetched.to >= endOf(day) && fetched.at >= endOf(day) + settledMs;
    return isWhole && (await isThere(this.#fileOf(day)));
  }

  /** The samples first: a day that is named is there. */
  async keepDay(day: Day, fetched: FetchedDay, samples: readonly Sample[]): Promise<void> {
    await writePrivate(this.#fileOf(day), await zippedLines(samples));
    const days = new Map(await this.days()).set(day, fetched);
    await writePrivate(this.#daysFile, JSON.stringify(Object.fromEntries(days)));
    this.#days = days;
  }

  async readDay(day: Day): Promise<ReadDay> {
    const file = this.#fileOf(day);
    const bytes = await readIfThere(file);
    if (bytes === undefined) return { samples: [], gaps: [`${day} was not fetched`] };
    try {
      const { samples, bad } = await readLines(bytes);
      return { samples, gaps: bad.map(({ line, why }) => `${file}:${line}: ${why}`) };
    } catch (error) {
      const why = `${file} cannot be read: ${messageOf(error)}. Delete it and fetch the day again`;
      return { samples: [], gaps: [why] };
    }
  }

  /** Whether the day's events need not be fetched again. */
  async hasEvents(day: Day): Promise<boolean> {
    this.#eventDays ??= await this.#wholeEventDays();
    const at = this.#eventDays.get(day);
    return at !== undefined && at >= endOf(day) + settledMs;
  }

  /** Beside those that are known already. `days`: of which these are all; `at`: when they were fetched. */
  async keepEvents(
    events: readonly AutoscaleEvent[],
    days: readonly Day[],
    at: Instant,
  ): Promise<void> {
    const known = await this.events();
    const times = await this.#wholeEventDays();
    await writePrivate(this.#eventsFile, await eventLines([...known.events, ...events]));
    for (const day of days) times.set(day, at);
    await writePrivate(this.#eventDaysFile, JSON.stringify(Object.fromEntries(times)));
    this.#eventDays = times;
  }

  async events(): Promise<{
    readonly events: readonly AutoscaleEvent[];
    readonly gaps: readonly string[];
  }> {
    const bytes = await readIfThere(this.#eventsFile);
    if (bytes === undefined) return { events: [], gaps: [] };
    try {
      return await readEventLines(bytes, this.#eventsFile);
    } catch (error) {
      const why = `${this.#eventsFile} cannot be read: ${messageOf(error)}. Run it without --offline: its events are fetched again`;
      return { events: [], gaps: [why] };
    }
  }

  /** None where the file of events is gone or damaged: what it held has to be fetched again. */
  async #wholeEventDays(): Promise<Map<Day, number>> {
    const { gaps } = await this.events();
    if (gaps.length > 0 || !(await isThere(this.#eventsFile))) return new Map();
    return timesIn(await readJsonIfThere(this.#eventDaysFile));
  }

  get #daysFile(): string {
    return join(this.folder, 'days.json');
  }

  get #eventsFile(): string {
    return join(this.folder, 'events.ndjson.gz');
  }

  get #eventDaysFile(): string {
    return join(this.folder, 'event-days.json');
  }

  #fileOf(day: Day): string {
    return join(this.folder, `${day}.ndjson.gz`);
  }
}

/** What does not look like a day was not fetched. */
function daysIn(json: unknown): readonly (readonly [Day, FetchedDay])[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).filter((entry): entry is [Day, FetchedDay] => isDay(...entry));
}

function timesIn(json: unknown): Map<Day, number> {
  if (typeof json !== 'object' || json === null) return new Map();
  const times = Object.entries(json).filter((entry): entry is [Day, number] => {
    return dayForm.test(entry[0]) && typeof entry[1] === 'number';
  });
  return new Map(times);
}

const dayForm = /^\d{4}-\d\d-\d\d$/;

function isDay(name: string, value: unknown): boolean {
  if (!dayForm.test(name) || typeof value !== 'object' || value === null) return false;
  const { from, to, at, asked, refused } = value as Partial<Record<keyof FetchedDay, unknown>>;
  const isTimed = [from, to, at].every((time) => typeof time === 'number');
  return isTimed && typeof asked === 'string' && Array.isArray(refused);
}
