/**
 * Makes `traffic.csv`: `node infra/demo/src/sample/generate.ts > infra/demo/src/sample/traffic.csv`. The shape is that of
 * an inference service for people: a quiet floor, bursts that rise within seconds and stay for a minute or two, lulls that
 * fall more slowly, and an unsteady top. The numbers are invented; the same code gives the same file.
 */
import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const stepS = 5;

/** Level that is reached at a second, requests a second; straight lines between. */
const shape: readonly (readonly [second: number, level: number])[] = [
  [0, 9],
  [10, 9.5],
  [20, 17.5],
  [122, 17],
  [140, 5],
  [288, 4.6],
  [305, 19],
  [345, 30],
  [475, 31],
  [505, 9],
  [540, 5.5],
  [800, 4.8],
  [815, 18],
  [905, 17.6],
  [930, 6],
  [1010, 5],
  [1030, 12],
  [1150, 12.5],
  [1200, 9],
];

export function generateSample(): string {
  const random = seededRandom(20_241);
  const rows = ['second,requests_per_s'];
  let drift = 0;
  for (let second = 0; second <= 1200; second += stepS) {
    drift = 0.6 * drift + 0.035 * (random() * 2 - 1);
    const level = levelAt(second) * (1 + drift);
    rows.push(`${String(second)},${level.toFixed(2)}`);
  }
  return rows.join('\n') + '\n';
}

function levelAt(second: number): number {
  const above = shape.findIndex(([at]) => at > second);
  const [toAt, to] = shape[above] ?? shape.at(-1) ?? [0, 0];
  const [fromAt, from] = shape[above - 1] ?? [toAt, to];
  return toAt === fromAt ? to : from + ((to - from) * (second - fromAt)) / (toAt - fromAt);
}

/** A linear congruential generator: enough for a sample's unsteadiness, and the same everywhere. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

if (argv[1] === fileURLToPath(import.meta.url)) stdout.write(generateSample());
