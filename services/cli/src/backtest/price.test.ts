import { expect, test } from '@jest/globals';
import { costText, parsePrice } from './price.ts';

test.each([
  ['0.526', 0.526, ''],
  ['0.526 EUR', 0.526, 'EUR'],
  ['$1', 1, '$'],
  ['  2.50 US$ ', 2.5, 'US$'],
])('%j is a price', (text, anHour, currency) => {
  expect(parsePrice(text)).toEqual({ ok: true, value: { anHour, currency } });
});

test.each(['', 'EUR', '-1', '1,50 EUR', '1 2', '$1 EUR'])('%j is none', (text) => {
  expect(parsePrice(text)).toMatchObject({ ok: false });
});

test('a cost has its currency', () => {
  expect(costText(10.5, { anHour: 2, currency: 'EUR' })).toBe('21.00 EUR');
  expect(costText(10.5, { anHour: 2, currency: '' })).toBe('21.00');
});
