// One part of the evaluator's bench, in a process of its own: `node --expose-gc evaluator-part.ts NAME SETTINGS`.
// Its rows go to the parent, as JSON on standard output.
import { evaluatorMemory } from './evaluator-memory.ts';
import { evaluatorPeers } from './evaluator-peers.ts';
import { evaluatorRound } from './evaluator-round.ts';
import { evaluatorWindows } from './evaluator-windows.ts';
import type { Row } from './figures.ts';

const parts: Readonly<Record<string, (settings: number) => Promise<readonly Row[]>>> = {
  round: evaluatorRound,
  peers: evaluatorPeers,
  windows: evaluatorWindows,
  memory: evaluatorMemory,
};

const [name = '', settings = ''] = process.argv.slice(2);
const part = parts[name];
if (part === undefined) throw new Error(`bench: no part ${name}`);
console.log(JSON.stringify(await part(Number(settings))));
