import { expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import { tiedEnds } from './tied-ends.ts';

/** `5 begin a 3`, `9 end b 3`: minute, kind, correlation id, count. */
function event(text: string): AutoscaleEvent {
  const [minute, what, correlationId = '', to] = text.split(' ');
  return {
    at: instant(Number(minute) * 60_000),
    kind: what === 'begin' ? 'ScaleStarted' : what === 'end' ? 'ScaleSucceeded' : 'ScaleFailed',
    ...{ setting: 's', target: 't', from: 1, to: Number(to), correlationId, description: '' },
  };
}

test.each([
  ['of one run stay', ['1 begin a 3', '5 end a 3'], ['a', 'a']],
  [
    'of another run are those of the last action to the count',
    ['1 begin a 3', '5 end x 3'],
    ['a', 'a'],
  ],
  ['of a failure too', ['1 begin a 3', '5 failed x 3'], ['a', 'a']],
  ['to another count stay', ['1 begin a 3', '5 end x 4'], ['a', 'x']],
  ['hours later stay', ['1 begin a 3', '200 end x 3'], ['a', 'x']],
  [
    'each end one action',
    ['1 begin a 3', '2 end x 3', '9 begin b 3', '12 end y 3', '13 end z 3'],
    ['a', 'a', 'b', 'b', 'z'],
  ],
  [
    'are not taken from an action that has its own',
    ['1 begin a 3', '3 end a 3', '4 end x 3'],
    ['a', 'a', 'x'],
  ],
])('ends %s', (_, texts, expected) => {
  expect(tiedEnds(texts.map(event)).map((each) => each.correlationId)).toEqual(expected);
});
