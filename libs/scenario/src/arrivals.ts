import { after } from '@headroom/core';
import type { Instant, Millis, Sample } from '@headroom/core';
import { arrivalOf } from './run-end.ts';
import type { ArrivedSample } from './frames.ts';
import type { LateSample, SampleOrigin, ScaleTestInput, TestOf } from './scale-test.ts';
import type { Arrival } from './simulation.ts';

type Placed<Event> = { readonly at: Millis } & (Event | LateSample);

/** What comes in the course of a test, in time order; within one instant inputs in file order, then events. */
export function* arrivalsOf<Event extends { readonly kind: string }>(
  test: Pick<TestOf<Event>, 'inputs' | 'events' | 'start'>,
): Generator<Arrival<Event>> {
  const inputs = test.inputs.map((input) => new InputCursor(input));
  const events = [...test.events].sort((a, b) => a.at - b.at);
  let taken = 0;
  for (;;) {
    const first = events[taken]?.at ?? Infinity;
    const at = inputs.reduce((least, { nextAt }) => Math.min(least, nextAt), first);
    if (at === Infinity) return;
    const due: Placed<Event>[] = [];
    for (; events[taken]?.at === at; taken++) due.push(...events.slice(taken, taken + 1));
    yield arrivalAt(at, inputs, due, test.start);
  }
}

function arrivalAt<Event extends { readonly kind: string }>(
  at: Millis,
  inputs: readonly InputCursor[],
  events: readonly Placed<Event>[],
  start: Instant,
): Arrival<Event> {
  const samples: ArrivedSample[] = [];
  const interventions: Event[] = [];
  for (const input of inputs) if (input.nextAt === at) samples.push(input.take(start));
  for (const event of events) {
    if (isSample(event)) {
      const { origin, value, time } = event;
      samples.push({ sample: sampleOf(origin, after(start, time), value), path: origin.path });
    } else interventions.push(event);
  }
  return { at: after(start, at), samples, interventions };
}

function isSample(event: { readonly kind: string }): event is LateSample {
  return event.kind === 'sample';
}

/** The next sample of one input. */
class InputCursor {
  readonly #input: ScaleTestInput;
  #place = -1;
  nextAt: Millis = Infinity;

  constructor(input: ScaleTestInput) {
    this.#input = input;
    this.#advance();
  }

  take(start: Instant): ArrivedSample {
    const { values, everyMs, path } = this.#input;
    const time = after(start, this.#place * everyMs);
    const sample = sampleOf(this.#input, time, values[this.#place] ?? NaN);
    this.#advance();
    return { sample, path };
  }

  /** To the next place that has a sample. */
  #advance(): void {
    const { values } = this.#input;
    do this.#place++;
    while (this.#place < values.length && Number.isNaN(values[this.#place]));
    const ended = this.#place >= values.length;
    this.nextAt = ended ? Infinity : arrivalOf(this.#input, this.#place);
  }
}

/** A value is one sample: count 1, total = minimum = maximum. */
function sampleOf(origin: SampleOrigin, time: Instant, value: number): Sample {
  const { resource, metric, dimensions, everyMs } = origin;
  const series = { resource, metric, dimensions };
  const amounts = { count: 1, total: value, minimum: value, maximum: value };
  return { series, time, grainMs: everyMs, ...amounts };
}
