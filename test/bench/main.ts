import type { Row } from './figures.ts';
import { printRows } from './figures.ts';
import { latency } from './latency.ts';
import { receiving } from './receiving.ts';
import { takeover } from './takeover.ts';

const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  receiving,
  latency,
  takeover,
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`bench: no ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  const rows: Row[] = [];
  for (const name of named.length > 0 ? named : Object.keys(benches)) {
    console.log(`${name} …`);
    rows.push(...((await benches[name]?.()) ?? []));
  }
  printRows(rows);
}
