import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { assert } from '@headroom/core';

/** A call of a model. */
export interface ModelRequest {
  /** Since the first one. */
  readonly second: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
}

/**
 * A trace of calls: CSV with a heading, of columns TIMESTAMP, ContextTokens and GeneratedTokens as the Azure Public Dataset
 * has them, plain or gzipped; times in UTC, growing. Throws at the first row that is none, with its line.
 */
export async function readTrace(path: string): Promise<readonly ModelRequest[]> {
  const file = createReadStream(path);
  const csv = await text(path.endsWith('.gz') ? file.pipe(createGunzip()) : file);
  const rows = csv.trim().split('\n').slice(1);
  let begin: number | undefined;
  let before = 0;
  const calls = rows.map((row, place) => {
    const [time = '', prompt, answer] = row.split(',');
    const at = Date.parse(`${time.trim().replace(' ', 'T')}Z`) / 1000;
    const [promptTokens, answerTokens] = [Number(prompt), Number(answer)];
    const isCall = at >= before && promptTokens >= 0 && answerTokens >= 0;
    assert(isCall, `line ${place + 2}: a time that grows and two numbers, not "${row}"`);
    before = at;
    begin ??= at;
    return { second: Math.floor(at - begin), promptTokens, answerTokens };
  });
  assert(calls.length > 0, `${path} has no call`);
  return calls;
}
