import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { assert } from '@headroom/core';
import { readTrafficSample } from '@headroom/demo';
import { Random } from '../../reference/random.ts';

/** A call of a model. */
export interface ModelRequest {
  /** Since the first one. */
  readonly second: number;
  /** Of the prompt and the completion. */
  readonly tokens: number;
}

/**
 * A trace of calls: CSV with a heading, of columns TIMESTAMP, ContextTokens and GeneratedTokens as the Azure Public Dataset
 * has them, plain or gzipped. Throws at the first row that is none, with its line.
 */
export async function readTrace(path: string): Promise<readonly ModelRequest[]> {
  const file = createReadStream(path);
  const csv = await text(path.endsWith('.gz') ? file.pipe(createGunzip()) : file);
  const rows = csv.trim().split('\n').slice(1);
  const calls = rows.map((row, place) => {
    const [time = '', context, generated] = row.split(',');
    const at = Date.parse(`${time.trim().replace(' ', 'T')}Z`) / 1000;
    const tokens = Number(context) + Number(generated);
    assert(at >= 0 && tokens >= 0, `line ${place + 2}: a time and two numbers, not "${row}"`);
    return { second: at, tokens };
  });
  const [first] = calls;
  assert(first !== undefined, `${path} has no call`);
  return calls.map(({ second, tokens }) => ({ second: Math.floor(second - first.second), tokens }));
}

/** The demo's traffic three times over, an hour: its calls each with a made-up number of tokens. */
export async function sampleRequests(seed: number): Promise<readonly ModelRequest[]> {
  const points = await readTrafficSample();
  const random = new Random(seed);
  const calls: ModelRequest[] = [];
  const end = points.at(-1)?.second ?? 0;
  for (let round = 0; round < 3; round++) {
    for (const [place, { second, requestsPerS }] of points.entries()) {
      const until = points[place + 1]?.second ?? second;
      for (let at = second; at < until; at++) {
        const count = Math.floor(requestsPerS) + (random.chance(requestsPerS % 1) ? 1 : 0);
        for (let call = 0; call < count; call++) {
          calls.push({ second: round * end + at, tokens: random.int(200, 2000) });
        }
      }
    }
  }
  return calls;
}
