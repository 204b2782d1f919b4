import { describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { instant } from '@headroom/core';
import type { LintFinding } from '@headroom/core';
import { run, useFolder } from './ran.fixture.ts';

/** As somebody types it; it needs no running system. */
const sample = fileURLToPath(
  new URL('../../fixtures/ml-online-endpoint-sample.json', import.meta.url),
);
const now = instant(Date.parse('2026-11-21T14:30:00Z'));
const current = useFolder();

const headroom = (...args: readonly string[]) => run(args, () => now);
const fileOf = (name: string, text: string) => current().fileOf(name, text);

/** The sample with its mistakes mended, and edited. */
async function edited(edit: (rules: Rule[]) => Rule[]): Promise<string> {
  const text = await readFile(sample, 'utf8');
  const document = JSON.parse(text) as { properties: { profiles: { rules: Rule[] }[] } };
  const [profile] = document.properties.profiles;
  const [out, back] = profile!.rules;
  back!.scaleAction.direction = 'Decrease';
  profile!.rules = edit([out!, back!]);
  return JSON.stringify(document);
}

interface Rule {
  metricTrigger: { threshold: number; metricName: string };
  scaleAction: { direction: string; value: string };
}

describe("Microsoft's sample for ML endpoints", () => {
  test('fails: its scale-in rule adds instances', async () => {
    const { code, out } = await headroom('lint', sample);
    expect(code).toBe(1);
    expect(out).toContain(
      'error  "CpuUtilizationPercentage < 30" adds instances while the metric is low',
    );
    expect(out).toContain('at   properties.profiles[0].rules[1].scaleAction.direction');
    expect(out).toContain('do   Set the direction to Decrease');
    expect(out).toContain('1 error, 2 warnings, 0 notes');
  });

  test('its examples are scale tests that pass', async () => {
    const examples = join(current().folder, 'examples');
    const linted = await headroom('lint', sample, '--out', examples);
    const files = (await readdir(examples)).sort();
    expect(files).toEqual(['1-wrong-direction.yaml', '2-no-scale-in.yaml']);
    for (const file of files) expect(linted.err).toContain(file);
    const tested = await headroom('test', ...files.map((file) => join(examples, file)));
    expect(tested).toMatchObject({ code: 0, err: '' });
  });

  test('mended, nothing is left to say', async () => {
    const file = await fileOf('mended.json', await edited((rules) => rules));
    expect(await headroom('lint', file)).toEqual({
      code: 0,
      out: `${file}: nothing found\n`,
      err: '',
    });
  });
});

test('what the document asks for and does not get is said, and is no finding', async () => {
  const document = JSON.parse(await edited((rules) => rules)) as { properties: object };
  const properties = {
    ...document.properties,
    predictiveAutoscalePolicy: { scaleMode: 'Enabled', scaleLookAheadTime: 'PT15M' },
  };
  const file = await fileOf('predictive.json', JSON.stringify({ ...document, properties }));
  const { code, out, err } = await headroom('lint', file, '--strict');
  expect(code).toBe(0);
  expect(out).toContain('nothing found');
  expect(err).toBe(
    `note: ${file}: properties.predictiveAutoscalePolicy: kept, but Headroom does not scale by predictions\n`,
  );
});

describe('warnings', () => {
  test('do not fail, unless they should', async () => {
    const file = await fileOf('one-way.json', await edited(([out]) => [out!]));
    expect((await headroom('lint', file)).code).toBe(0);
    expect((await headroom('lint', file, '--strict')).code).toBe(1);
  });

  test('are told as JSON, too', async () => {
    const file = await fileOf('one-way.json', await edited(([out]) => [out!]));
    const { out } = await headroom('lint', file, '--json');
    const findings = JSON.parse(out) as readonly LintFinding[];
    expect(findings).toMatchObject([
      { rule: 'no-scale-in', severity: 'warning', trace: { capacity: 2 } },
    ]);
  });
});

test('the policy counts, and its options are in the examples', async () => {
  const close = ([out, back]: Rule[]) => {
    back!.metricTrigger.threshold = 60;
    return [out!, back!];
  };
  const file = await fileOf('close.json', await edited(close));
  const policy = await fileOf('hold.yaml', 'mode: observe\nmissingData: hold\n');
  const examples = join(current().folder, 'with-policy');
  const { out } = await headroom('lint', file, '--policy', policy, '--out', examples);
  expect(out).toContain('Either lower the in threshold to at most 46.6667 (70 × 2/3)');
  const [example = ''] = await readdir(examples);
  const yaml = await readFile(join(examples, example), 'utf8');
  expect(yaml).toContain('mode: act');
  expect((await headroom('test', join(examples, example))).code).toBe(0);
});

test('the path counts', async () => {
  const renamed = (rules: Rule[]) =>
    rules.map((rule) => ({
      ...rule,
      metricTrigger: { ...rule.metricTrigger, metricName: 'RequestsPerMinute' },
    }));
  const file = await fileOf('path.json', await edited(renamed));
  expect((await headroom('lint', file)).code).toBe(0);
  expect((await headroom('lint', file, '--path', 'export')).code).toBe(1);
  expect((await headroom('lint', file, '--path', 'push')).out).toContain('nothing found');
});

test('what is no setting is refused with its places', async () => {
  const file = await fileOf('broken.json', '{ "properties": { "profiles": [] } }');
  const { code, err } = await headroom('lint', file);
  expect(code).toBe(1);
  expect(err).toContain(`${file}: properties.`);
  expect(err).toContain('mend that first');
});
