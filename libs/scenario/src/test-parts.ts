import { after, failed, instant, ok, targetId } from '@headroom/core';
import type { Dimensions, Instant, Millis, Override, Result } from '@headroom/core';
import type { ReadDocument } from './document.ts';
import { runMax, samplesMax } from './limits.ts';
import type { Path } from './places.ts';
import { runEndOf } from './run-end.ts';
import type { LateSample, SampleOrigin, ScaleTest, TestOf } from './scale-test.ts';
import { spanText } from './span.ts';

/** Where a test stands, which its document does not say itself. */
export interface DocumentPlace {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly lineOf: (path: Path) => number;
}

export interface PlacedProblem {
  readonly path: Path;
  readonly message: string;
}

/** What every kind of test has, of a document whose `target` is `target`. */
export function commonOf(
  document: Pick<ReadDocument, 'start' | 'input'>,
  { name, file, line }: DocumentPlace,
  target: string,
): Pick<TestOf<never>, 'name' | 'file' | 'line' | 'start' | 'inputs'> {
  return {
    ...{ name, file, line },
    start: instant(Date.parse(document.start)),
    inputs: document.input.map((input) => ({
      ...originOf(input, target),
      lagMs: input.lag,
      values: input.values,
    })),
  };
}

/** The test, or what is too much for one run. */
export function withinLimits<Test extends ScaleTest>(test: Test): Result<Test, PlacedProblem> {
  const samples = test.inputs.reduce((sum, { values }) => sum + values.length, 0);
  if (samples > samplesMax) {
    return failed({ path: ['input'], message: `${samples} samples: at most ${samplesMax}` });
  }
  const endMs = runEndOf(test);
  if (endMs > runMax) {
    const message = `the run takes ${spanText(endMs)}: at most ${spanText(runMax)} are run`;
    return failed({ path: [], message });
  }
  return ok(test);
}

type WrittenOrigin = Pick<
  ReadDocument['input'][number],
  'metric' | 'resource' | 'dimensions' | 'path' | 'every'
>;

function originOf(written: WrittenOrigin, target: string): SampleOrigin {
  return {
    metric: written.metric.toLowerCase(),
    resource: written.resource === 'target' ? target : targetId(written.resource),
    dimensions: dimensionsOf(written.dimensions),
    path: written.path,
    everyMs: written.every,
  };
}

/** In the order of their names without case, as records from outside have them. */
function dimensionsOf(table: Readonly<Record<string, string>>): Dimensions {
  const pairs = Object.entries(table).map(([name, value]) => [name, value] as const);
  return pairs.sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
}

export function lateSampleOf(
  at: Millis,
  sample: NonNullable<ReadDocument['events'][number]['sample']>,
  target: string,
): { readonly at: Millis } & LateSample {
  const { time, value } = sample;
  return { at, kind: 'sample', origin: originOf(sample, target), time, value };
}

interface WrittenOverride {
  readonly pin?: number | undefined;
  readonly freeze?: true | undefined;
  readonly confirm?: true | undefined;
  readonly for: Millis;
  readonly owner: string;
  readonly reason: string;
}

export function overrideOf(written: WrittenOverride, at: Instant): Override {
  const { pin, freeze, confirm, owner, reason } = written;
  const term = { at, until: after(at, written.for), owner, reason };
  if (pin !== undefined) return { kind: 'pin', to: pin, ...term };
  if (confirm === true) return { kind: 'confirm', ...term };
  return { kind: freeze === true ? 'freeze' : 'pause', ...term };
}

/** Without the keys that were left out. */
export type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

export function given<T extends object>(written: T): Given<T> {
  const entries = Object.entries(written).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<T>;
}
