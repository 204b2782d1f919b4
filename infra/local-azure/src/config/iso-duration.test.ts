import { expect, test } from '@jest/globals';
import { isoSeconds } from './iso-duration.ts';

test.each([
  ['PT20S', 20],
  ['PT1M', 60],
  ['PT1H30M', 5400],
  ['P1D', 86_400],
  ['P1DT0.5S', 86_400.5],
  ['P', undefined],
  ['PT', undefined],
  ['P1M', undefined],
  ['20', undefined],
])('%s is %p seconds', (text, seconds) => {
  expect(isoSeconds(text)).toBe(seconds);
});
