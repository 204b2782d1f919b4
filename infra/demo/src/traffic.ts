import { readFile } from 'node:fs/promises';
import { assert, type Millis } from '@headroom/core';

/** Requests a second that arrive at the endpoint, at a time since the workload began. */
export type Traffic = (elapsedMs: Millis) => number;

/** One row of a traffic sample. */
export interface TrafficPoint {
  readonly second: number;
  readonly requestsPerS: number;
}

/**
 * Traffic that follows a sample: straight lines between its points, over and over. The last point is the end of a
 * round, and the first one begins the next.
 */
export function trafficOf(points: readonly TrafficPoint[]): Traffic {
  const last = points.at(-1);
  assert(last !== undefined && last.second > 0, 'a traffic sample has at least two points');
  return (elapsedMs) => {
    const second = (elapsedMs / 1000) % last.second;
    const above = points.findIndex((point) => point.second > second);
    const to = points[above] ?? last;
    const from = points[above - 1] ?? to;
    const share = to === from ? 0 : (second - from.second) / (to.second - from.second);
    return from.requestsPerS + (to.requestsPerS - from.requestsPerS) * share;
  };
}

/** The sample that comes with the demo: 20 minutes of an LLM service's bursts and lulls, invented. */
export async function readTrafficSample(): Promise<readonly TrafficPoint[]> {
  return parseTraffic(await readFile(new URL('./sample/traffic.csv', import.meta.url), 'utf8'));
}

/** Rows `second,requests_per_s` under one line of headings, seconds growing. */
export function parseTraffic(csv: string): readonly TrafficPoint[] {
  const rows = csv.trim().split('\n').slice(1);
  const points = rows.map((row, index) => parseRow(row, index + 2));
  points.forEach((point, index) => {
    const before = points[index - 1];
    const line = index + 2;
    assert(!before || before.second < point.second, `line ${String(line)}: seconds must grow`);
  });
  return points;
}

function parseRow(row: string, line: number): TrafficPoint {
  const [second = NaN, requestsPerS = NaN] = row.split(',').map(Number);
  assert(second >= 0 && requestsPerS >= 0, `line ${String(line)}: two numbers, not "${row}"`);
  return { second, requestsPerS };
}
