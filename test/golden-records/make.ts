import { chooseGolden } from './choose.ts';
import { writeGolden } from './store.ts';

// Makes the store of golden decisions anew: node test/golden-records/make.ts
//
// Every later version of the code has to decide the same on these recorded inputs. It is made anew only by a change that is
// meant to change decisions, or their records; such a change says so in the CHANGELOG.
const seed = 20_260_105;
const count = 10_000;

const records = chooseGolden(seed, count);
const bytes = writeGolden(records);
const settings = records.length - count;
process.stdout.write(`${count} decisions with ${settings} versions of settings: ${bytes} bytes\n`);
