import { after, instant } from '@headroom/core';
import type { AutoscaleSetting, Instant, Policy, Result } from '@headroom/core';
import type { ReadDocument } from './document.ts';
import type {
  ExpectedNumbers,
  Expectation,
  Intervention,
  ScaleTestEvent,
  SettingTest,
} from './scale-test.ts';
import { commonOf, given, lateSampleOf, overrideOf, withinLimits } from './test-parts.ts';
import type { DocumentPlace, PlacedProblem } from './test-parts.ts';

/** What a document does not say itself. */
export interface DocumentContext extends DocumentPlace {
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
}

/** The test that a document means; the error says what is too much for one run. */
export function scaleTestOf(
  document: ReadDocument,
  context: DocumentContext,
): Result<SettingTest, PlacedProblem> {
  const { setting, policy, lineOf } = context;
  const { target } = setting;
  const start = instant(Date.parse(document.start));
  return withinLimits<SettingTest>({
    kind: 'setting',
    ...commonOf(document, context, target),
    ...{ setting, policy, capacity: document.capacity, scaling: document.scaling },
    events: document.events.map((event) => eventOf(event, target, start)),
    expect: document.expect.map((expectation, index) =>
      expectationOf(expectation, lineOf(['expect', index])),
    ),
    ...(document.decisions === undefined ? {} : { decisions: document.decisions.map(given) }),
  });
}

function eventOf(
  { at, capacity, sample, override }: ReadDocument['events'][number],
  target: string,
  start: Instant,
): ScaleTestEvent<Intervention> {
  if (capacity !== undefined) return { at, kind: 'capacity', instances: capacity };
  if (sample !== undefined) return lateSampleOf(at, sample, target);
  if (override === undefined) throw new RangeError('an event has one of its three parts');
  return { at, kind: 'override', override: overrideOf(override, after(start, at)) };
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
