import { parseArgs } from 'node:util';
import { assessBench } from './assess/assess.ts';
import { backtestBench } from './backtest/backtest.ts';
import { evaluator } from './evaluator.ts';
import type { Row } from './figures.ts';
import { printRows } from './figures.ts';
import { gateway } from './gateway/gateway.ts';
import { latency } from './latency.ts';
import { localCosmos } from './local-cosmos/local-cosmos.ts';
import { localDurability } from './local-durability.ts';
import { localAzure } from './local-azure/local-azure.ts';
import { limitAccuracy } from './limit-accuracy.ts';
import { limitRaise } from './limit-raise.ts';
import { limiter } from './limiter.ts';
import { poller } from './poller.ts';
import { quotaMoverBench } from './quota-mover/quota-mover.ts';
import { receiving } from './receiving.ts';
import { takeover } from './takeover.ts';

const { values, positionals: named } = parseArgs({
  allowPositionals: true,
  // For a quick look at the evaluator; the figures of docs/performance.md are those of 100,000.
  options: {
    settings: { type: 'string', default: '100000' },
    // Calls that the quota mover is tried on, instead of the bundled sample.
    trace: { type: 'string' },
    // Of the fleet that is assessed.
    seed: { type: 'string', default: '1' },
    fleet: { type: 'string', default: '50' },
    days: { type: 'string', default: '30' },
  },
});

const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  assess: () =>
    assessBench({
      seed: Number(values.seed),
      settings: Number(values.fleet),
      days: Number(values.days),
    }),
  evaluator: () => evaluator(Number(values.settings)),
  receiving,
  latency,
  takeover,
  limiter,
  'limit-accuracy': limitAccuracy,
  'limit-raise': limitRaise,
  gateway,
  poller,
  'quota-mover': () => quotaMoverBench(values.trace),
  backtest: () => Promise.resolve(backtestBench()),
  'local-cosmos': localCosmos,
  'local-durability': localDurability,
  'local-azure': localAzure,
};

const unknown = named.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`bench: no ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else if (!(Number(values.settings) >= 100)) {
  console.error(`bench: --settings ${values.settings}: expected a number from 100`);
  process.exitCode = 2;
} else {
  const rows: Row[] = [];
  for (const name of named.length > 0 ? named : Object.keys(benches)) {
    console.log(`${name} …`);
    rows.push(...((await benches[name]?.()) ?? []));
  }
  printRows(rows);
}
