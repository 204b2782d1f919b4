import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { KillRun } from './kill-run.ts';
import { runKills } from './kill-run.ts';
import { violationLines } from './report.ts';

// A bound for a busy machine, not a pause. `npm run kills` is the same with 200.
jest.setTimeout(300_000);

const KILLS = 4;

describe('kill -9 at random moments, under load of real clients', () => {
  const seed = Date.now() % 1_000_000;
  const said: string[] = [`seed ${seed}`];
  let run: KillRun;

  beforeAll(async () => {
    run = await runKills({ kills: KILLS, seed, say: (line) => said.push(line) });
  });

  /** Of a failing run, all that is needed to see it again. */
  const broken = (where: RegExp): string[] => {
    const violations = run.violations.filter((each) => where.test(each.where));
    return violations.length === 0 ? [] : [...said, ...violationLines({ ...run, violations })];
  };

  test('the load was not idle, and requests were under way when the process died', () => {
    const { recording } = run;
    const steps = [...recording.registers.values()].flat();
    // A send to the bus is noted before it has an answer: these are not.
    const unknown = [...recording.events.sent, ...steps].filter((step) => {
      return 'outcome' in step && step.outcome === 'unknown';
    });
    expect(recording.kills).toBeGreaterThanOrEqual(KILLS);
    expect(recording.events.log.length).toBeGreaterThan(50);
    expect(recording.bus.filter(({ kind }) => kind === 'settled').length).toBeGreaterThan(50);
    expect(steps.length).toBeGreaterThan(50);
    expect(unknown.length).toBeGreaterThan(0);
  });

  test('no acknowledged event is lost, no batch is torn, and each partition keeps its order', () => {
    expect(broken(/^(partition|batch of \d|the consumer)/)).toEqual([]);
  });

  test('no acknowledged message is lost, and none comes back after it was settled or cancelled', () => {
    expect(broken(/^message/)).toEqual([]);
  });

  test('no acknowledged write, batch, deletion or checkpoint is lost or undone', () => {
    expect(broken(/^(lane|batch of lane|checkpoint|document)/)).toEqual([]);
  });

  test('an operation of Resource Manager ends as it was accepted', () => {
    expect(broken(/^deployment/)).toEqual([]);
  });

  test('its files are whole, and nothing else is broken', () => {
    expect(broken(/./)).toEqual([]);
  });
});
