import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseScaleTests, runScaleTest } from '@headroom/scenario';
import type { ScaleTestResult } from '@headroom/scenario';
import {
  parseAccount,
  parseAutoscaleSetting,
  parsePolicy,
  parseRateLimitPolicy,
} from '@headroom/wire';
import { goldenFiles, goldenRows, rowsOf } from './rows.ts';

const folder = import.meta.dirname;
const root = join(folder, '../..');

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** What differs, without the timelines, which are not for a machine. */
function differences({ failures }: ScaleTestResult): readonly unknown[] {
  return failures.map((failure) =>
    failure.kind === 'decisions'
      ? { expected: failure.expected, found: failure.found }
      : { line: failure.expectation.line, differences: failure.differences },
  );
}

describe.each(goldenFiles)('%s', (file) => {
  const { tests, problems } = parseScaleTests(textOf(file), file, {
    setting: parseAutoscaleSetting,
    policy: parsePolicy,
    account: parseAccount,
    limitPolicy: parseRateLimitPolicy,
    file: (path) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as unknown,
  });

  test('can be read', () => {
    expect(problems).toEqual([]);
  });

  test('names the row of each test', () => {
    const rows = tests.map(({ name }) => /^golden (\w+): /.exec(name)?.[1]);
    expect([...new Set(rows)]).toEqual(rowsOf(file).map(String));
  });

  test.each(tests.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    expect(differences(runScaleTest(one))).toEqual([]);
  });
});

describe('coverage', () => {
  test('each row stands in the list once', () => {
    const rows = goldenRows.map(({ row }) => row);
    expect([...new Set(rows)]).toEqual(rows);
  });

  test.each(goldenRows)('row $row is a named test of $file', ({ row, file }) => {
    expect(textOf(file)).toMatch(new RegExp(`golden ${row}\\b`));
  });
});
