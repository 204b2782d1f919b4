import { parseArgs } from 'node:util';
import type { Violation } from './check/violation.ts';
import { textOf } from './check/violation.ts';
import { runKills } from './kill-run.ts';
import { reportOf } from './report.ts';

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
for (const violation of run.violations.slice(0, 50)) say(`BROKEN  ${textOf(violation)}`);
for (const id of messagesOf(run.violations).slice(0, 5)) {
  for (const step of run.recording.bus.filter((each) => each.id === id)) say(JSON.stringify(step));
}
say(
  run.violations.length === 0
    ? `kept: nothing acknowledged was lost or undone (seed ${seed})`
    : `${run.violations.length} broken promises (seed ${seed})`,
);

/** The messages that broke a promise: what was seen of each tells where to look. */
function messagesOf(violations: readonly Violation[]): readonly string[] {
  return violations.flatMap(({ where }) => /^message (\S+)/.exec(where)?.[1] ?? []);
}

process.exitCode = run.violations.length === 0 ? 0 : 1;
