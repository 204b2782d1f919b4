import { readTrafficSample } from '@headroom/demo';
import type { ModelRequest } from '@headroom/demo';
import { Random } from '../../reference/random.ts';

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
          const promptTokens = random.int(150, 1500);
          const answerTokens = random.int(50, 500);
          calls.push({ second: round * end + at, promptTokens, answerTokens });
        }
      }
    }
  }
  return calls;
}
