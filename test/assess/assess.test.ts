import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { useLocalAzure } from '../conformance/local-azure.ts';
import { hourMs } from '../reference/durations.ts';
import { runFleet, spanOf } from '../reference/azure-engine/fleet.ts';
import { headroomAssess } from './headroom-assess.ts';
import type { AssessRun, ToldSetting } from './headroom-assess.ts';
import { backtestRatios, doneOf, shareOf, verdictsOn } from './proof.ts';
import type { Done } from './proof.ts';
import { publish } from './publish.ts';
import { RequestTally } from './request-tally.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(120_000);

const tally = new RequestTally();
const azure = useLocalAzure({ onRequest: tally.witness });
const only = ['cpu-only', 'cpu-and-latency', 'percent-rounded-up', 'edited'];
const options = { seed: 20, settings: 4, days: 2, only };

describe('headroom assess of a fleet that Azure scaled for two days', () => {
  const done: Done[] = [];
  let folder = '';
  let begin = 0;
  let run: AssessRun;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headroom-assess-'));
    const fleet = { ...options, now: Date.now() };
    begin = spanOf(fleet).begin;
    for (const recording of runFleet(fleet)) {
      await publish(azure.current(), recording);
      done.push(doneOf(recording));
    }
    tally.clear();
    run = await headroomAssess(azure.current(), folder, options.days);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('reproduces or explains nearly all that it did, and leaves none out', () => {
    expect({ code: run.code, err: run.err }).toMatchObject({ code: 0 });
    // Windows of the first hour begin before the history.
    const verdicts = verdictsOn(done, run.told!, begin + hourMs);
    expect(verdicts).toMatchObject({ untold: [], invented: [] });
    expect(verdicts.actions).toBeGreaterThan(20);
    // Of a few hundred actions; `npm run bench -- assess` holds 50 settings over 30 days to 99 %.
    expect({ ...verdicts, share: shareOf(verdicts) > 0.97 }).toMatchObject({ share: true });
  });

  test('finds in the log what Azure counted, and the thresholds that a setting had before', () => {
    const gaps = run.told!.settings.flatMap(({ gaps }) => gaps);
    expect(gaps).not.toContainEqual(expect.stringContaining('Azure counted'));
    const edited = gaps.filter((gap) => gap.includes('Azure compared with'));
    expect(edited).toEqual([expect.stringMatching(/62 until .*, 22 until .*was edited since$/)]);
  });

  test('backtests each setting to the hours of its own history, or refuses', () => {
    for (const ratio of backtestRatios(run.told!.settings)) {
      expect(Math.abs(ratio - 1)).toBeLessThan(0.1);
    }
  });

  test('writes nothing: the server met reads only', () => {
    expect(tally.total()).toBeGreaterThan(0);
    expect(tally.writes()).toEqual([]);
    // What the summary tells is what the server counted.
    expect(run.out).toContain(`(${tally.total()} calls to Azure, none of them a write)`);
  });

  test('does it again from its cache without a request', async () => {
    tally.clear();
    const [first] = run.told!.settings as readonly [ToldSetting];
    const more = ['--offline', '--setting', first.name];
    const again = await headroomAssess(azure.current(), folder, options.days, more);
    expect({ code: again.code, err: again.err }).toMatchObject({ code: 0 });
    expect(tally.total()).toBe(0);
    expect(again.told!.settings.map(({ actions }) => actions.length)).toEqual([
      first.actions.length,
    ]);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('</html>');
  });
});
