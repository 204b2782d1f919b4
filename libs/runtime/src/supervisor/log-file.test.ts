import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineSplitter } from './lines.ts';
import { openLogFile } from './log-file.ts';

describe('a log file', () => {
  let path: string;
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'headroom-log-')), 'ingest.log');
  });
  afterEach(() => rmSync(join(path, '..'), { recursive: true }));

  const write = (texts: readonly string[], bytesMax?: number) => {
    const file = openLogFile(path, bytesMax);
    for (const text of texts) file.write(Buffer.from(text));
    file.close();
  };

  test('is gone on with, and its owner’s alone', () => {
    write(['one\n']);
    write(['two\n']);
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test('is rotated once: it never takes more than twice its limit', () => {
    write(['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee'], 8);
    expect(readFileSync(path, 'utf8')).toBe('eeee');
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('ccccdddd');
  });

  test('takes no more after it was closed', () => {
    const file = openLogFile(path);
    file.close();
    file.write(Buffer.from('late'));
    expect(readFileSync(path, 'utf8')).toBe('');
  });
});

test('property: lines are the same whatever pieces they come in', () => {
  const lines = fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\n')));
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 7 }), (written, size) => {
      const bytes = Buffer.from(written.map((line) => `${line}\n`).join(''));
      const read: string[] = [];
      const split = lineSplitter((line) => read.push(line));
      for (let at = 0; at < bytes.length; at += size) split(bytes.subarray(at, at + size));
      expect(read).toEqual(written);
    }),
  );
});
