import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { instant, type Instant } from '@headroom/core';
import { durationMs } from '@headroom/wire';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { recordTime } from './move-time.ts';
import { RecordSplitter, separatesByLine, type FoundRecord } from './split-records.ts';

/** A record of the file, or what is wrong with it. */
export type ReadRecord = FoundRecord & { readonly value?: object };

/** How far the reading has come; written by it. */
export interface ReadProgress {
  bytes: number;
  totalBytes: number;
}

/** Looked at to tell NDJSON from a document that runs over lines. */
const firstLineBytesMax = 65_536;

/** The file's records, one by one; the file is never held whole. Throws `CommandFailed` when it cannot be read. */
export async function* readRecords(
  file: string,
  progress: ReadProgress,
): AsyncGenerator<ReadRecord> {
  const splitter = await openSplitter(file, progress);
  const stream = createReadStream(file);
  const decoder = new TextDecoder();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      progress.bytes += chunk.byteLength;
      yield* splitter.push(decoder.decode(chunk, { stream: true })).map(parsed);
    }
  } finally {
    stream.destroy();
  }
  yield* splitter.finish().map(parsed);
}

/** The end of the newest grain in the file: its record's time and grain. */
export async function newestEnd(file: string): Promise<Instant | undefined> {
  let newest: number | undefined;
  for await (const { value } of readRecords(file, { bytes: 0, totalBytes: 0 })) {
    const at = value === undefined ? undefined : recordTime(value);
    if (value === undefined || at === undefined) continue;
    newest = Math.max(newest ?? -Infinity, at + grainOf(value));
  }
  return newest === undefined ? undefined : instant(newest);
}

function grainOf(record: object): number {
  const grain = 'timeGrain' in record ? record.timeGrain : undefined;
  return typeof grain === 'string' ? (durationMs(grain) ?? 0) : 0;
}

async function openSplitter(file: string, progress: ReadProgress): Promise<RecordSplitter> {
  try {
    progress.totalBytes = (await stat(file)).size;
    return new RecordSplitter({ lines: separatesByLine(basename(file), await firstLine(file)) });
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read: ${messageOf(error)}`);
  }
}

async function firstLine(file: string): Promise<string> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(firstLineBytesMax), 0);
  const text = buffer.toString('utf8', 0, bytesRead).trimStart();
  return text.split('\n', 1)[0] ?? '';
}

function parsed(found: FoundRecord): ReadRecord {
  if (found.problem !== undefined) return found;
  try {
    const value = JSON.parse(found.text) as unknown;
    return typeof value === 'object' && value !== null
      ? { ...found, value }
      : { ...found, problem: 'it is no JSON object' };
  } catch (error) {
    return { ...found, problem: messageOf(error) };
  }
}
