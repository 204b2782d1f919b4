import { isAbsolute } from 'node:path';
import type { LintFinding, Policy } from '@headroom/core';
import { formatScaleTest } from '@headroom/scenario';
import { encodePolicy } from '@headroom/wire';

/**
 * A finding's example as the YAML of a scale test; it passes as long as the finding is there. `setting`: the path of
 * the setting from where the test stands. `undefined`: the finding has no example.
 */
export function exampleTest(
  { rule, title, trace }: LintFinding,
  setting: string,
  policy?: Policy,
): string | undefined {
  if (trace === undefined) return undefined;
  const { capacity, start, input, expect } = trace;
  return formatScaleTest({
    name: `${rule}: ${title}`.slice(0, nameLengthMax),
    setting: isAbsolute(setting) || setting.startsWith('.') ? setting : `./${setting}`,
    capacity,
    ...(start === undefined ? {} : { start }),
    ...(policy === undefined ? {} : { options: encodePolicy({ ...policy, mode: 'act' }) }),
    input: [...input],
    expect: [...expect],
  });
}

/** Longest name that a scale test takes. */
const nameLengthMax = 500;
