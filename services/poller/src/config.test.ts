import { describe, expect, test } from '@jest/globals';
import { readConfig } from './config.ts';

const azure = {
  EVENTHUBS_NAMESPACE: 'contoso.servicebus.windows.net',
  COSMOS_ENDPOINT: 'https://contoso.documents.azure.com:443/',
};

describe('the configuration', () => {
  test('needs to be told where the hub and the store are', () => {
    expect(() => readConfig({})).toThrow(/EVENTHUBS_CONNECTION_STRING[^]*COSMOS_ENDPOINT/);
  });

  test.each([
    [undefined, 0.01],
    ['0.02', 0.02],
    ['0', 0],
  ])('a price of %s is %d', (given, price) => {
    expect(readConfig({ ...azure, METRIC_CALLS_PRICE: given }).price).toBe(price);
  });

  test('a price that is none, and an id that is none, are named', () => {
    const wrong = { ...azure, METRIC_CALLS_PRICE: 'cheap', POLL_SKIP: 'blue' };
    expect(() => readConfig(wrong)).toThrow(/METRIC_CALLS_PRICE[^]*POLL_SKIP/);
  });

  test('skips the resources that are named, in any case, and those below a *', () => {
    const { isSkipped } = readConfig({ ...azure, POLL_SKIP: '/Sub/A/, /sub/pushed/*' });
    const asked = ['/sub/a', '/sub/a/b', '/sub/pushed/one', '/sub/pushed'].map(isSkipped);
    expect(asked).toEqual([true, false, true, false]);
    expect(readConfig(azure).isSkipped('/sub/a')).toBe(false);
  });
});
