import { describe, expect, test } from '@jest/globals';
import { readConfig } from './config.ts';

const secret = 'a-secret-of-the-test-that-is-long-enough';
const account =
  '/subscriptions/S/resourceGroups/G/providers/Microsoft.CognitiveServices/accounts/Vision';
const address = 'https://gateway.example/limits?code=key';

const azure = {
  EVENTHUBS_NAMESPACE: 'a.servicebus.windows.net',
  SERVICEBUS_NAMESPACE: 'a.servicebus.windows.net',
  COSMOS_ENDPOINT: 'https://a.documents.azure.com:443/',
};

/** What the variable, as it is given, is reported to lack. */
function problemOf(env: Record<string, string>): string {
  try {
    readConfig({ ...azure, ...env });
  } catch (error) {
    return String(error);
  }
  throw new Error('it was to be refused');
}

describe('limit webhooks', () => {
  test('are absent where nobody names one', () => {
    expect(readConfig(azure).webhooks).toBeUndefined();
  });

  test('are known by account, whatever its case', () => {
    const env = { LIMIT_WEBHOOKS: JSON.stringify({ [account]: address }) };
    const { webhooks } = readConfig({ ...azure, ...env, LIMIT_WEBHOOK_SECRET: secret });
    const addresses = [[account.toLowerCase(), new URL(address)]];
    expect([...webhooks!.addresses]).toEqual(addresses);
    expect(webhooks!.secret).toBe(secret);
  });

  test.each([
    ['no JSON', 'vision=https://gateway.example', /LIMIT_WEBHOOKS.*a JSON object/],
    ['no ids of accounts', JSON.stringify({ vision: address }), /LIMIT_WEBHOOKS.*a JSON object/],
    [
      'an open address',
      JSON.stringify({ [account]: address.replace('https', 'http') }),
      /Vision https, or http to this machine/,
    ],
  ])('with %s are refused', (_, text, expected) => {
    const problem = problemOf({ LIMIT_WEBHOOKS: text, LIMIT_WEBHOOK_SECRET: secret });
    expect(problem).toMatch(expected);
    expect(problem).not.toContain('key');
  });

  test.each([{}, { LIMIT_WEBHOOK_SECRET: 'short' }])('need a secret: %j', (env) => {
    const text = JSON.stringify({ [account]: address });
    const problem = problemOf({ LIMIT_WEBHOOKS: text, ...env });
    expect(problem).toMatch(/LIMIT_WEBHOOK_SECRET: (missing|wrong); expected a secret of at least/);
    expect(problem).not.toContain('short');
  });
});
