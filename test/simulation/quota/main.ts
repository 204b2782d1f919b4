import { parseArgs } from 'node:util';
import { simulate } from './run.ts';

// node test/simulation/quota/main.ts [--seed N] [--steps N]
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    steps: { type: 'string', default: '1000000' },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);
say(`seed ${values.seed}`);
const tally = simulate(Number(values.seed), Number(values.steps), say);
say(`no promise was broken: ${JSON.stringify(tally)}`);
