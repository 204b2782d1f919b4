import { assert, failed, ok } from '@headroom/core';
import type { FoldSnapshot, Problem, Result, SeriesSnapshot } from '@headroom/core';
import { contract } from './contract.ts';
import { bufferOf, parseJson } from './json.ts';
import { snapshotHeaderSchema } from './vocabulary/snapshot.ts';
import type { SeriesHeader, SnapshotHeader } from './vocabulary/snapshot.ts';

/** Longest snapshot that is written or read, in bytes. */
export const snapshotBytesMax = 512 * 1024 * 1024;

// A snapshot in bytes, little-endian:
//
//     0   'HRFS'
//     4   version of the layout, uint32
//     8   length of the header, uint32
//     12  the header: JSON, everything but the numbers of the series; spaces up to a multiple of 8
//     …   for each series its columns of float64: times, counts, totals, minimums, maximums
const magic = 'HRFS';
const layoutVersion = 1;
const headerAt = 12;
const cellBytes = 8;
const columnNames = ['times', 'counts', 'totals', 'minimums', 'maximums'] as const;

const headers = contract<SnapshotHeader>('snapshot', snapshotHeaderSchema);

export function encodeSnapshot(snapshot: FoldSnapshot): Uint8Array {
  const header = Buffer.from(JSON.stringify(headers.encode(headerOf(snapshot))));
  const columnsAt = aligned(headerAt + header.length);
  const cells = snapshot.series.reduce((sum, { times }) => sum + times.length, 0);
  const length = columnsAt + cells * columnNames.length * cellBytes;
  assert(length <= snapshotBytesMax, `a snapshot of ${length} bytes`);
  const bytes = Buffer.alloc(length, ' ');
  bytes.write(magic, 0, 'latin1');
  bytes.writeUInt32LE(layoutVersion, 4);
  bytes.writeUInt32LE(header.length, 8);
  header.copy(bytes, headerAt);
  writeColumns(bytes, columnsAt, snapshot.series);
  return bytes;
}

/** Never throws: a snapshot that cannot be read is passed over for an older one. */
export function decodeSnapshot(bytes: Uint8Array): Result<FoldSnapshot, readonly Problem[]> {
  const buffer = bufferOf(bytes);
  const problem = problemOf(buffer);
  if (problem !== undefined) return failed([problem]);
  const headerEnd = headerAt + buffer.readUInt32LE(8);
  const document = parseJson(buffer.subarray(headerAt, headerEnd), snapshotBytesMax);
  if (!document.ok) return document;
  const header = headers.decode(document.value);
  if (!header.ok) return header;
  const columnsAt = aligned(headerEnd);
  const cells = header.value.series.reduce((sum, { length }) => sum + length, 0);
  const expected = columnsAt + cells * columnNames.length * cellBytes;
  if (buffer.length !== expected) return failed([wrongLength(buffer.length, expected)]);
  return ok({ ...header.value, series: readColumns(buffer, columnsAt, header.value.series) });
}

function headerOf(snapshot: FoldSnapshot): SnapshotHeader {
  const series = snapshot.series.map(({ key, grainMs, path, times }) => ({
    key,
    grainMs,
    path,
    length: times.length,
  }));
  return { ...snapshot, series };
}

function problemOf(buffer: Buffer): Problem | undefined {
  if (buffer.length < headerAt || buffer.toString('latin1', 0, 4) !== magic) {
    return { field: '', message: 'this is no snapshot' };
  }
  const version = buffer.readUInt32LE(4);
  if (version !== layoutVersion) {
    const message = `version ${version} found; this code understands version ${layoutVersion} only`;
    return { field: 'v', message };
  }
  const headerEnd = headerAt + buffer.readUInt32LE(8);
  return headerEnd > buffer.length ? wrongLength(buffer.length, headerEnd) : undefined;
}

function wrongLength(found: number, expected: number): Problem {
  return { field: '', message: `${found} bytes found, ${expected} expected: it is not whole` };
}

function writeColumns(bytes: Buffer, from: number, series: readonly SeriesSnapshot[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  for (const one of series) {
    for (const name of columnNames) {
      const column = one[name];
      assert(column.length === one.times.length, `column ${name} is not as long as its times`);
      for (const cell of column) {
        view.setFloat64(at, cell, true);
        at += cellBytes;
      }
    }
  }
}

function readColumns(
  bytes: Buffer,
  from: number,
  series: readonly SeriesHeader[],
): readonly SeriesSnapshot[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  const column = (length: number): Float64Array => {
    const begin = at;
    at += length * cellBytes;
    return Float64Array.from({ length }, (_, i) => view.getFloat64(begin + i * cellBytes, true));
  };
  // The members of a literal are evaluated in their order, which is that of `columnNames`.
  return series.map(({ key, grainMs, path, length }) => ({
    key,
    grainMs,
    path,
    times: column(length),
    counts: column(length),
    totals: column(length),
    minimums: column(length),
    maximums: column(length),
  }));
}

function aligned(at: number): number {
  return Math.ceil(at / cellBytes) * cellBytes;
}
