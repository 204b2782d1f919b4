import { expect, test } from '@jest/globals';
import { numberText, percentText } from './number-text.ts';

test.each([
  [84.23456, 70, '84.23'],
  [69.996, 70, '69.996'],
  [69.99999, 70, '69.99999'],
  [70, 70, '70'],
  [0.00004, 0, '0.00004'],
  [1e21, 1, '1e+21'],
])('%d beside %d is %s', (value, beside, text) => {
  expect(numberText(value, beside)).toBe(text);
});

test.each([
  [0.189, '18.9 %'],
  [0.00006, '0.006 %'],
  [0, '0 %'],
])('a share of %d is %s', (share, text) => {
  expect(percentText(share)).toBe(text);
});
