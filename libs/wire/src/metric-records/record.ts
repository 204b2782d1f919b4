import type { Sample } from '@headroom/core';
import { z } from 'zod';
import { durationMs } from '../autoscale-setting/duration.ts';
import { fieldOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { dimensionsOf, notDimensions } from './dimensions.ts';
import { isoInstant } from './iso-time.ts';
import { grainMaxMs, metricLengthMax, resourceLengthMax } from './limits.ts';
import { complete } from './measurement.ts';
import type { Measured } from './measurement.ts';

// What a metric record means. This is the oracle of the byte scanner, and the one that explains
// rejected records. Two forms (Azure Monitor: "Stream monitoring data to an event hub", "Metrics
// export using data collection rules"):
//
//   diagnostic settings    {count, total, minimum, maximum, average: numbers, resourceId in upper
//                           case, time with seven digits of a fraction, metricName, timeGrain};
//                           other string members are dimensions
//   data collection rules  {Count, Total, Minimum, Maximum, Average: texts, resourceId, time,
//                           metricName, timeGrain, unit, dimension: {name: value}}

const noControls = /^[^\p{Cc}]*$/u;

const key = (lengthMax: number) =>
  z
    .string('expected a text')
    .min(1, 'empty')
    .max(lengthMax, `longer than ${lengthMax} characters`)
    .regex(noControls, 'control characters are not accepted');

const keySchema = z.object({
  resourceId: key(resourceLengthMax),
  metricName: key(metricLengthMax),
});

const timeSchema = z
  .string('expected an ISO 8601 time with Z or an offset')
  .transform((text) => isoInstant(text))
  .refine((time) => time !== undefined, 'expected an ISO 8601 time since 1970 with Z or an offset');
const grainSchema = z
  .string('expected an ISO 8601 duration, such as PT1M')
  .transform((text) => durationMs(text) ?? 0)
  .refine((ms) => ms > 0 && ms <= grainMaxMs, 'expected an ISO 8601 duration up to PT24H');
const amount = z
  .number('expected a finite number')
  .nullish()
  .transform((value) => value ?? undefined);
const textAmount = z
  .union([z.number(), z.string(), z.null()], 'expected a number')
  .optional()
  .transform((value) => (typeof value === 'string' ? numberOf(value) : (value ?? undefined)))
  .refine((value) => value === undefined || Number.isFinite(value), 'expected a number as text');
const dimensionTable = z
  .record(z.string(), z.string('expected a text'), 'expected an object of texts')
  .nullish()
  .transform((table) => Object.entries(table ?? {}));

const when = { time: timeSchema, timeGrain: grainSchema };
const diagnosticSchema = z.object({
  ...when,
  count: amount,
  total: amount,
  minimum: amount,
  maximum: amount,
  average: amount,
});
const collectionSchema = z.object({
  ...when,
  Count: textAmount,
  Total: textAmount,
  Minimum: textAmount,
  Maximum: textAmount,
  Average: textAmount,
  dimension: dimensionTable,
  dimensions: dimensionTable,
});

const collectionAmounts = ['Count', 'Total', 'Minimum', 'Maximum', 'Average'];
const diagnosticAmounts = ['count', 'total', 'minimum', 'maximum', 'average'];
const knownMembers = new Set([
  ...diagnosticAmounts,
  'resourceId',
  'metricName',
  'time',
  'timeGrain',
]);

/** The two texts that a record is asked for by. */
export interface RecordKey {
  readonly resource: string;
  readonly metric: string;
}

/** The key of a record that has a `metricName`, or the reason why it has none. */
export function keyOf(record: JsonObject): RecordKey | string {
  const parsed = keySchema.safeParse(record);
  if (!parsed.success) return reasonOf(parsed.error);
  const resource = withoutSlash(parsed.data.resourceId);
  if (resource === '') return 'resourceId: expected the id of a resource';
  return { resource, metric: parsed.data.metricName };
}

export type ReadRecord =
  | { readonly kind: 'sample'; readonly sample: Sample; readonly form: 'push' | 'export' }
  /** Says that nothing was measured: Azure exports null where a resource sent no values. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'rejected'; readonly reason: string };

export function readRecord(record: JsonObject, recordKey: RecordKey): ReadRecord {
  const isCollection = collectionAmounts.some((name) => Object.hasOwn(record, name));
  const named = isCollection ? collectionAmounts : diagnosticAmounts;
  const given = named.filter((name) => Object.hasOwn(record, name));
  if (given.length > 0 && given.every((name) => record[name] === null)) return { kind: 'nothing' };
  return isCollection ? readCollection(record, recordKey) : readDiagnostic(record, recordKey);
}

/**
 * Azure's diagnostic settings write ids in upper case and seven digits of a fraction; nobody else
 * does both.
 */
export function isExportForm(resource: string, time: string): boolean {
  return resource === resource.toUpperCase() && /\.\d{7}/.test(time);
}

export function withoutSlash(resource: string): string {
  return resource.replace(/\/+$/, '');
}

function readDiagnostic(record: JsonObject, recordKey: RecordKey): ReadRecord {
  const parsed = diagnosticSchema.safeParse(record);
  if (!parsed.success) return { kind: 'rejected', reason: reasonOf(parsed.error) };
  const { time, timeGrain } = parsed.data;
  const form = isExportForm(recordKey.resource, String(record['time'])) ? 'export' : 'push';
  const pairs = Object.entries(record).filter(isDimension);
  return sampleOf(recordKey, { time, timeGrain, pairs, measured: parsed.data, form });
}

function readCollection(record: JsonObject, recordKey: RecordKey): ReadRecord {
  const parsed = collectionSchema.safeParse(record);
  if (!parsed.success) return { kind: 'rejected', reason: reasonOf(parsed.error) };
  const { time, timeGrain, dimension, dimensions } = parsed.data;
  const measured = {
    count: parsed.data.Count,
    total: parsed.data.Total,
    minimum: parsed.data.Minimum,
    maximum: parsed.data.Maximum,
    average: parsed.data.Average,
  };
  const pairs = [...dimension, ...dimensions];
  return sampleOf(recordKey, { time, timeGrain, pairs, measured, form: 'export' });
}

interface Parts {
  readonly time: Sample['time'];
  readonly timeGrain: number;
  readonly pairs: [string, string][];
  readonly measured: Measured;
  readonly form: 'push' | 'export';
}

function sampleOf(recordKey: RecordKey, parts: Parts): ReadRecord {
  const dimensions = dimensionsOf(parts.pairs);
  if (typeof dimensions === 'string') return { kind: 'rejected', reason: dimensions };
  const measurement = complete(parts.measured);
  if (typeof measurement === 'string') return { kind: 'rejected', reason: measurement };
  const series = {
    resource: recordKey.resource.toLowerCase(),
    metric: recordKey.metric.toLowerCase(),
    dimensions,
  };
  const sample = { series, time: parts.time, grainMs: parts.timeGrain, ...measurement };
  return { kind: 'sample', sample, form: parts.form };
}

function isDimension(entry: [string, unknown]): entry is [string, string] {
  const [name, value] = entry;
  return typeof value === 'string' && !knownMembers.has(name) && !notDimensions.has(name);
}

/** A number as text, as JSON would write it; NaN for `''`, `0x10` and the like. */
function numberOf(text: string): number {
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

function reasonOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${fieldOf(issue.path)}: ${issue.message}`).join('; ');
}
