import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { AutoscaleSetting } from '@headroom/core';
import { CommandFailed, messageOf } from '../command-failed.ts';
import type { FoundSamples, SamplesFile } from './found-samples.ts';
import { readCsv } from './read-csv.ts';
import { isZipped, readLines } from './sample-lines.ts';

/** Largest file of samples, unzipped: a year of ten metrics by the minute. */
const bytesMax = 1_000_000_000;
/** Problems that are told one by one. */
const problemsMax = 10;

/**
 * The samples of a CSV file (`time,metric,value` with `resource` and `capacity` where they are known, or `time` and a column
 * for each metric), or of NDJSON as Azure Monitor writes records; either may be gzipped. Where a row names no resource,
 * it is the one of the setting's rules on the metric.
 *
 * @throws CommandFailed: names the file, the line and the column
 */
export async function readSamples(file: string, setting: AutoscaleSetting): Promise<SamplesFile> {
  const bytes = await bytesOf(file);
  const first = bytes.subarray(0, 1000).toString('utf8').trimStart().charAt(0);
  const isRecords = first === '{' || first === '[';
  const { samples, capacities, problems } = isRecords
    ? await recordsOf(bytes)
    : await readCsv(bytes, setting);
  if (problems.length > 0) {
    const told = problems.slice(0, problemsMax).map((problem) => `${file}:${problem}`);
    const more = problems.length - told.length;
    throw new CommandFailed([...told, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
  }
  if (samples.length === 0) throw new CommandFailed(`${file} holds no sample`);
  return { samples: samples.toSorted((a, b) => a.time - b.time), capacities };
}

async function recordsOf(bytes: Buffer): Promise<FoundSamples> {
  const { samples, bad } = await readLines(bytes);
  const problems = bad.map(({ line, why }) => `${line}: ${why}`);
  return { samples, capacities: [], problems };
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    return isZipped(bytes) ? gunzipSync(bytes, { maxOutputLength: bytesMax }) : bytes;
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
