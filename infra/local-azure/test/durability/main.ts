import { parseArgs } from 'node:util';
import { runKills } from './kill-run.ts';
import { reportOf, violationLines } from './report.ts';

// node test/durability/main.ts [--kills 200] [--seed N]
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);
const [kills, seed] = [Number(values.kills), Number(values.seed)];
if (!Number.isInteger(kills) || kills < 1) throw new Error(`--kills ${values.kills}: from 1 on`);
if (!Number.isInteger(seed)) throw new Error(`--seed ${values.seed}: a whole number`);

say(`${kills} kills, seed ${seed}`);
const startedAt = Date.now();
const run = await runKills({ kills, seed, say });
say(reportOf(run, Date.now() - startedAt));
for (const line of violationLines(run)) say(line);
say(
  run.violations.length === 0
    ? `kept: nothing acknowledged was lost or undone (seed ${seed})`
    : `${run.violations.length} broken promises (seed ${seed})`,
);

process.exitCode = run.violations.length === 0 ? 0 : 1;
