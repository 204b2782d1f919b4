import type { Millis } from '@headroom/core';
import type { ScaleTest, ScaleTestInput } from './scale-test.ts';

/**
 * When everything has come and everything was looked at; an operation that runs then is still awaited. Actions after that
 * are not, whether they are listed or not.
 */
export function runEndOf(test: ScaleTest): Millis {
  const moments = [...test.events, ...test.expect];
  const calls = test.kind === 'ratelimit' ? test.calls : [];
  const arrivals = [
    ...test.inputs.map(lastArrivalOf),
    ...calls.map(({ values, everyMs }) => values.length * everyMs),
  ];
  return moments.reduce((end, { at }) => Math.max(end, at), Math.max(0, ...arrivals));
}

/** When the sample at a place of `values` is known: its grain has ended and it has come. */
export function arrivalOf({ everyMs, lagMs }: ScaleTestInput, place: number): Millis {
  return (place + 1) * everyMs + lagMs;
}

function lastArrivalOf(input: ScaleTestInput): Millis {
  const last = input.values.findLastIndex((value) => !Number.isNaN(value));
  return last === -1 ? 0 : arrivalOf(input, last);
}
