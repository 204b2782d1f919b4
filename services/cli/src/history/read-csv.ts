import { parse } from 'csv-parse';
import { instant, minuteMs } from '@headroom/core';
import type { AutoscaleSetting, Instant, Millis, Sample } from '@headroom/core';
import type { CapacityChangeAt } from '@headroom/scenario';
import { messageOf } from '../command-failed.ts';
import { printable } from '../text/printable.ts';
import type { FoundSamples } from './found-samples.ts';
import { readNames, resourceOf } from './resource-of.ts';
import type { ResourceOf } from './resource-of.ts';

/** A value of a row. */
interface Cell {
  readonly time: Instant;
  readonly resource: string;
  readonly metric: string;
  readonly value: number;
}

/** Columns that are no metric. */
const known = ['time', 'resource', 'metric', 'value', 'capacity'];

/**
 * Rows of CSV under a header. In the long form (`time,metric,value`) a row is a value; in the wide one each column that has another
 * name is a metric. An empty cell is no value: nothing was measured then.
 */
export async function readCsv(bytes: Buffer, setting: AutoscaleSetting): Promise<FoundSamples> {
  const rows = new Rows(setting);
  const parser = parse(bytes, { bom: true, trim: true, skip_empty_lines: true, info: true });
  try {
    for await (const row of parser as AsyncIterable<Parsed>) {
      if (!rows.take(row.record, row.info.lines)) break;
    }
  } catch (error) {
    const { lines = 1 } = error as { readonly lines?: number };
    rows.problems.push(`${lines}: ${messageOf(error)}`);
  }
  return rows.found();
}

interface Parsed {
  readonly record: readonly string[];
  /** Lines up to the end of the row. */
  readonly info: { readonly lines: number };
}

class Rows {
  readonly problems: string[] = [];
  readonly #setting: AutoscaleSetting;
  readonly #cells: Cell[] = [];
  readonly #capacities: CapacityChangeAt[] = [];
  readonly #resources = new Map<string, ResourceOf>();
  #header: readonly string[] | undefined;

  constructor(setting: AutoscaleSetting) {
    this.#setting = setting;
  }

  /** False: nothing that follows can be understood. */
  take(record: readonly string[], line: number): boolean {
    if (this.#header === undefined) return this.#takeHeader(record, line);
    const row = new Map(this.#header.map((name, index) => [name, record[index] ?? '']));
    const time = timeOf(row.get('time') ?? '');
    if (time === undefined) {
      this.#problem(
        line,
        'time',
        `expected an instant such as 2026-11-28T09:30:00Z, not "${row.get('time') ?? ''}"`,
      );
      return true;
    }
    this.#takeCapacity(row.get('capacity') ?? '', time, line);
    for (const [column, metric, text] of this.#valuesOf(row)) {
      if (text === '') continue;
      const value = Number(text);
      const resource = this.#resourceOf(metric, row.get('resource') ?? '', line);
      if (resource === undefined) continue;
      if (!Number.isFinite(value)) this.#problem(line, column, `expected a number, not "${text}"`);
      else this.#cells.push({ time, resource, metric: metric.toLowerCase(), value });
    }
    return true;
  }

  found(): FoundSamples {
    const grains = grainsOf(this.#cells);
    const samples = this.#cells.map((cell) => sampleOf(cell, grains.get(keyOf(cell)) ?? minuteMs));
    const rising = this.#capacities.toSorted((a, b) => a.at - b.at);
    const capacities = rising.filter(
      (each, index) => rising[index - 1]?.instances !== each.instances,
    );
    if (samples.length === 0 && this.problems.length === 0 && this.#resources.size > 0) {
      const metrics = [...this.#resources.keys()].map((key) => key.split('\n')[1]).join(', ');
      const reads = readNames(this.#setting);
      this.problems.push(`1: ${printable(`no rule reads ${metrics}: the setting reads ${reads}`)}`);
    }
    return { samples, capacities, problems: this.problems };
  }

  /** `undefined`: no rule reads the metric, so its values are passed over; or it is not clear of which resource they are, which is told once. */
  #resourceOf(metric: string, named: string, line: number): string | undefined {
    const key = `${named}\n${metric}`;
    let found = this.#resources.get(key);
    if (found === undefined) {
      found = resourceOf(metric, named, this.#setting);
      this.#resources.set(key, found);
      if (found.kind === 'several') {
        const what = `rules read it of ${found.resources} resources: add a column resource`;
        this.#problem(line, metric, what);
      }
    }
    return found.kind === 'one' ? found.resource : undefined;
  }

  #takeHeader(record: readonly string[], line: number): boolean {
    const header = record.map((name) =>
      known.includes(name.toLowerCase()) ? name.toLowerCase() : name,
    );
    const isLong = header.includes('metric') && header.includes('value');
    const metrics = header.filter((name) => !known.includes(name));
    this.#header = header;
    if (header.includes('time') && (isLong || metrics.length > 0)) return true;
    const expected = 'time,metric,value or time and a column for each metric';
    this.problems.push(
      `${line}: the header is "${printable(record.join(','))}": expected ${expected}`,
    );
    return false;
  }

  /** Column, metric and text of each value. */
  #valuesOf(row: ReadonlyMap<string, string>): readonly (readonly [string, string, string])[] {
    if (row.has('metric') && row.has('value')) {
      return [['value', row.get('metric') ?? '', row.get('value') ?? '']];
    }
    const metrics = [...row].filter(([name]) => !known.includes(name));
    return metrics.map(([name, text]) => [name, name, text] as const);
  }

  #takeCapacity(text: string, at: Instant, line: number): void {
    if (text === '') return;
    const instances = Number(text);
    if (Number.isInteger(instances) && instances >= 0) this.#capacities.push({ at, instances });
    else this.#problem(line, 'capacity', `expected a number of instances, not "${text}"`);
  }

  #problem(line: number, column: string, what: string): void {
    this.problems.push(`${line}: ${printable(`${column}: ${what}`)}`);
  }
}

/** ISO 8601 with a zone, or milliseconds or seconds since 1970. */
function timeOf(text: string): Instant | undefined {
  if (/^\d{9,11}$/.test(text)) return instant(Number(text) * 1000);
  if (/^\d{12,14}$/.test(text)) return instant(Number(text));
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i.test(text))
    return undefined;
  const ms = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : instant(ms);
}

/** Of each metric of a resource: the shortest time between two of its values. */
function grainsOf(cells: readonly Cell[]): ReadonlyMap<string, Millis> {
  const grains = new Map<string, Millis>();
  for (const [key, list] of Map.groupBy(cells, keyOf)) {
    const times = list.map(({ time }) => time).sort((a, b) => a - b);
    const steps = times.map((time, index) => time - (times[index - 1] ?? -Infinity));
    const least = steps.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), Infinity);
    grains.set(key, Number.isFinite(least) ? least : minuteMs);
  }
  return grains;
}

function sampleOf({ time, resource, metric, value }: Cell, grainMs: Millis): Sample {
  const series = { resource, metric, dimensions: [] };
  return { series, time, grainMs, count: 1, total: value, minimum: value, maximum: value };
}

function keyOf({ resource, metric }: Cell): string {
  return `${resource}\n${metric}`;
}
