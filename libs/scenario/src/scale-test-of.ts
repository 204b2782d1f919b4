import { after, failed, instant, ok, targetId } from '@headroom/core';
import type {
  AutoscaleSetting,
  Dimensions,
  Instant,
  Override,
  Policy,
  Result,
} from '@headroom/core';
import type { ReadDocument } from './document.ts';
import { runMax, samplesMax } from './limits.ts';
import type { Path } from './places.ts';
import { runEndOf } from './run-end.ts';
import type {
  ExpectedNumbers,
  Expectation,
  SampleOrigin,
  ScaleTest,
  ScaleTestEvent,
} from './scale-test.ts';
import { spanText } from './span.ts';

/** What a document does not say itself. */
export interface DocumentContext {
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly lineOf: (path: Path) => number;
}

/** The test that a document means; the error says what is too much for one run. */
export function scaleTestOf(
  document: ReadDocument,
  { lineOf, ...context }: DocumentContext,
): Result<ScaleTest, { readonly path: Path; readonly message: string }> {
  const { target } = context.setting;
  const start = instant(Date.parse(document.start));
  const test: ScaleTest = {
    ...context,
    capacity: document.capacity,
    start,
    scaling: document.scaling,
    inputs: document.input.map((input) => ({
      ...originOf(input, target),
      lagMs: input.lag,
      values: input.values,
    })),
    events: document.events.map((event) => eventOf(event, target, start)),
    expect: document.expect.map((expectation, index) =>
      expectationOf(expectation, lineOf(['expect', index])),
    ),
    ...(document.decisions === undefined ? {} : { decisions: document.decisions.map(given) }),
  };
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

function eventOf(
  { at, capacity, sample, override }: ReadDocument['events'][number],
  target: string,
  start: Instant,
): ScaleTestEvent {
  if (capacity !== undefined) return { at, kind: 'capacity', instances: capacity };
  if (sample !== undefined) {
    const { time, value } = sample;
    return { at, kind: 'sample', origin: originOf(sample, target), time, value };
  }
  if (override === undefined) throw new RangeError('an event has one of its three parts');
  return { at, kind: 'override', override: overrideOf(override, after(start, at)) };
}

type WrittenOverride = NonNullable<ReadDocument['events'][number]['override']>;

function overrideOf(written: WrittenOverride, at: Instant): Override {
  const { pin, freeze, owner, reason } = written;
  const term = { at, until: after(at, written.for), owner, reason };
  if (pin !== undefined) return { kind: 'pin', to: pin, ...term };
  return { kind: freeze === true ? 'freeze' : 'pause', ...term };
}

function expectationOf(written: ReadDocument['expect'][number], line: number): Expectation {
  const { observed, projected, ...rest } = written;
  return {
    ...given(rest),
    line,
    ...(observed === undefined ? {} : { observed: numbersOf(observed) }),
    ...(projected === undefined ? {} : { projected: numbersOf(projected) }),
  };
}

function numbersOf(table: Readonly<Record<string, number | null>>): ExpectedNumbers {
  return new Map(Object.entries(table).map(([index, value]) => [Number(index), value]));
}

/** Without the keys that were left out. */
type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function given<T extends object>(written: T): Given<T> {
  const entries = Object.entries(written).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<T>;
}
