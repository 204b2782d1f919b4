import { parseArgs } from 'node:util';
import { runMany } from './run-many.ts';

// node test/reference/main.ts [--seed N] [--runs N] [--evaluations N]
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    runs: { type: 'string' },
    evaluations: { type: 'string', default: '20000' },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);

const result = runMany({
  seed: Number(values.seed),
  evaluations: values.runs === undefined ? Number(values.evaluations) : Infinity,
  runs: values.runs === undefined ? Infinity : Number(values.runs),
  progress: say,
});
say(result.text);
process.exitCode = result.agreed ? 0 : 1;
