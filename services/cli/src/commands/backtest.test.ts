import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { hourMs, instant, minuteMs } from '@headroom/core';
import { demoSettingFile } from '@headroom/demo';
import { run, useFolder } from './ran.fixture.ts';

/** As somebody types it; it needs no running system. */
const start = Date.UTC(2026, 10, 20);
const now = instant(start + 48 * hourMs);
const current = useFolder();

const headroom = (...args: readonly string[]) => run(args, () => now);
const fileOf = (name: string, text: string) => current().fileOf(name, text);

interface Rule {
  metricTrigger: { threshold: number; metricName: string };
}

/** The demo's setting with its rules on CPU only, above and below thresholds. */
async function settingFile(name: string, above = 70, below = 30): Promise<string> {
  const document = JSON.parse(await readFile(demoSettingFile, 'utf8')) as {
    properties: { targetResourceUri: string; profiles: { rules: Rule[] }[] };
  };
  for (const profile of document.properties.profiles) {
    const rules = profile.rules.filter(({ metricTrigger: { metricName } }) =>
      /Cpu/.test(metricName),
    );
    for (const { metricTrigger } of rules) {
      metricTrigger.threshold = metricTrigger.threshold === 70 ? above : below;
    }
    profile.rules = rules;
  }
  return fileOf(name, JSON.stringify(document));
}

/** Half a day of three instances at 50 %, with an hour at 65 % in it. */
function samplesFile(withCapacity = true): Promise<string> {
  const rows = Array.from({ length: 12 * 60 }, (_, minute) => {
    const time = new Date(start + minute * minuteMs).toISOString();
    const cpu = minute >= 300 && minute < 360 ? 65 : 50;
    return `${time},${cpu}${withCapacity ? ',3' : ''}`;
  });
  const head = `time,CpuUtilizationPercentage${withCapacity ? ',capacity' : ''}`;
  return fileOf(`samples-${withCapacity}.csv`, `${[head, ...rows].join('\n')}\n`);
}

describe('headroom backtest', () => {
  test('shows the current setting beside the record and a candidate, at a price', async () => {
    const [current, eager] = [await settingFile('blue.json'), await settingFile('eager.json', 60)];
    const against = await samplesFile();
    const rest = ['--candidate', eager, '--price', '0.5 EUR', '--provisioning', '4m'];
    const { code, out, err } = await headroom('backtest', current, '--against', against, ...rest);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain(
      `chat/blue, 12 h of ${against}: 2026-11-20 00:00:00Z to 2026-11-20 12:00:00Z`,
    );
    expect(out).toMatch(/^ +on record +current +eager$/m);
    expect(out).toMatch(/^instance-hours +36\.0 +36\.0 +\d\d\.\d \(\+\d+(\.\d)? %\)$/m);
    expect(out).toMatch(/^cost +18\.00 EUR +18\.00 EUR +\d+\.\d\d EUR$/m);
    expect(out).toMatch(/^scale-outs, scale-ins +0, 0 +2, 2$/m);
    expect(out).toContain('CpuUtilizationPercentage: shared; utilisation of an instance');
    expect(out).toContain('an operation takes 4 min, as stated');
    expect(out).toContain('* by the thresholds and windows of the current setting');
  });

  test('tells programs the same', async () => {
    const current = await settingFile('blue.json');
    const { code, out } = await headroom(
      'backtest',
      current,
      '--against',
      await samplesFile(),
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      recorded: { instanceHours: 36 },
      runs: [{ name: 'current', actions: 0, figures: { instanceHours: 36, flaps: 0 } }],
    });
    expect(out).toMatch(/"from":"\d{4}-\d\d-\d\dT/);
  });

  test('says that a setting was hardly in force where the record is far from it', async () => {
    const eager = await settingFile('eager.json', 45);
    const { out } = await headroom('backtest', eager, '--against', await samplesFile());
    expect(out).toMatch(
      /comes out at \d+\.\d instance-hours where 36\.0 are on record: it was hardly in/,
    );
  });

  test('counts days back from the end of the samples', async () => {
    const current = await settingFile('blue.json');
    const against = ['--against', await samplesFile()];
    const { out } = await headroom(
      'backtest',
      current,
      ...against,
      '--since',
      '2026-11-20T06:00:00Z',
    );
    expect(out).toMatch(/ 6 h of .*: 2026-11-20 06:00:00Z to 2026-11-20 12:00:00Z/);
    const { out: day } = await headroom('backtest', current, ...against, '--days', '1');
    expect(day).toMatch(/ 12 h of /);
  });

  test('without the instances on record it is refused, and runs where they are stated', async () => {
    const current = await settingFile('blue.json');
    const against = ['--against', await samplesFile(false)];
    const refused = await headroom('backtest', current, ...against);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^chat\/blue: no backtest of current: .* give --capacity N/);
    const { code, out } = await headroom('backtest', current, ...against, '--capacity', '3');
    expect(code).toBe(0);
    expect(out).toContain('there were 3 instances all the time, as stated');
    expect(out).not.toContain('on record   ');
  });

  test.each([
    [['--against', 'nowhere.csv'], '--against nowhere.csv cannot be read'],
    [['--against', '.'], 'holds nothing that "headroom assess" fetched'],
    [['--price', 'much'], '"much" is no price of an instance an hour'],
    [['--model', 'Cpu'], 'Expected METRIC=shared'],
    [['--capacity', '0'], 'Expected a whole number, 1 or more'],
    [['--candidate', 'none.json'], 'none.json cannot be read'],
    [['--since', '2027-01-01'], 'the history has nothing between'],
    [['--sweep', 'threshold=1..3'], '--sweep "threshold=1..3": a range needs its step'],
  ])('%j is refused: %s', async (args, message) => {
    const current = await settingFile('blue.json');
    const against = args[0] === '--against' ? [] : ['--against', await samplesFile()];
    const { code, err } = await headroom('backtest', current, ...against, ...args);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });

  test('a name where no system runs is refused with what to give', async () => {
    const against = ['--against', await samplesFile(), '--data', current().folder];
    const { code, err } = await headroom('backtest', 'chat/blue', ...against);
    expect(code).toBe(1);
    expect(err).toContain('"chat/blue" is no file here');
    expect(err).toContain('give the file of the setting');
  });

  test('a candidate for another target is refused', async () => {
    const current = await settingFile('blue.json');
    const text = (await readFile(current, 'utf8')).replaceAll('/chat', '/other');
    const other = await fileOf('other.json', text);
    const args = ['--against', await samplesFile(), '--candidate', other];
    const { err } = await headroom('backtest', current, ...args);
    expect(err).toContain('is for other/blue, and the history is of chat/blue');
  });
});

describe('headroom backtest --sweep', () => {
  test('shows the settings that no other one betters, the current one among them', async () => {
    const current = await settingFile('blue.json');
    const axes = ['--sweep', 'threshold=40..80:10', 'window=PT5M,PT10M', 'cooldown=5m'];
    const args = ['--against', await samplesFile(), ...axes];
    const { code, out, err } = await headroom('backtest', current, ...args);
    expect(code).toBe(0);
    expect(err).toContain('10 of 10 settings run\n');
    expect(out).toContain('Of 10 settings that were run no other one betters ');
    expect(out).toMatch(/^threshold\.out +window +cooldown +instance-hours +over /m);
    expect(out).toMatch(/^current +36\.0 +0 min/m);
    expect(out).toMatch(/^(60|70|80) +5m +5m +36\.0 +0 min/m);
  });

  test('by threads comes out as without, and tells programs all of it', async () => {
    const current = await settingFile('blue.json');
    const args = ['backtest', current, '--against', await samplesFile(), '--json', '--sweep'];
    const many = await headroom(...args, 'threshold=41..57:1');
    const one = await headroom(...args, 'threshold=41');
    const points = (text: string) =>
      (JSON.parse(text) as { points: { values: object; figures: object }[] }).points;
    expect(points(many.out)).toHaveLength(17);
    expect(points(many.out)[0]?.values).toEqual({ 'threshold.out': '41' });
    expect(points(many.out)[0]?.figures).toEqual(points(one.out)[0]?.figures);
  });
});
