import { describe, expect, test } from '@jest/globals';
import {
  cosmosAccount,
  eventHubsNamespace,
  resourceManager,
  serviceBusNamespace,
} from './azure-variables.ts';
import { EnvironmentError, readEnv } from './env.ts';
import type { Entries, Environment } from './env.ts';
import { healthAddress } from './variables.ts';

const hub = 'Endpoint=sb://127.0.0.1:5672/;SharedAccessKeyName=root;SharedAccessKey=s3cret';
const accountShape = 'the account’s address, https://NAME.documents.azure.com:443/';

function problemsOf(entries: Entries, env: Environment): EnvironmentError {
  try {
    readEnv('ingest', entries, env);
  } catch (error) {
    if (error instanceof EnvironmentError) return error;
  }
  throw new Error('the environment was accepted');
}

describe('readEnv', () => {
  test('gives each entry its value, and defaults where nothing is said', () => {
    const entries = { hubs: eventHubsNamespace(), health: healthAddress() };
    const env = { EVENTHUBS_CONNECTION_STRING: hub, OTHER: 'ignored' };
    expect(readEnv('x', entries, env)).toEqual({
      hubs: { connectionString: hub },
      health: { host: '127.0.0.1', port: 0 },
    });
    expect(readEnv('x', entries, { ...env, HEALTH_PORT: '8080' }).health.port).toBe(8080);
  });

  test('names every variable that is missing or wrong, and what it should look like', () => {
    const entries = {
      cosmos: cosmosAccount(),
      arm: resourceManager(),
      health: healthAddress(),
    };
    const error = problemsOf(entries, { ARM_ENDPOINT: 'ftp:x', HEALTH_PORT: '70000' });
    expect(error.problems).toEqual([
      {
        variable: 'COSMOS_ENDPOINT',
        problem: `missing; expected ${accountShape}`,
      },
      {
        variable: 'ARM_ENDPOINT',
        problem: 'wrong; expected an address such as https://management.azure.com',
      },
      {
        variable: 'HEALTH_PORT',
        problem: 'wrong; expected a port from 0 to 65535; 0 takes a free one',
      },
    ]);
    expect(error.message).toContain('ingest cannot start');
    expect(error.message).toContain(`  COSMOS_ENDPOINT: missing; expected ${accountShape}`);
  });

  test('takes an empty variable for an absent one', () => {
    expect(readEnv('x', { health: healthAddress() }, { HEALTH_PORT: '' }).health.port).toBe(0);
    const error = problemsOf({ cosmos: cosmosAccount() }, { COSMOS_ENDPOINT: '' });
    expect(error.problems[0]?.problem).toMatch(/^missing/);
  });

  test('never repeats a value: it may be a secret', () => {
    const entries = { hubs: eventHubsNamespace(), cosmos: cosmosAccount() };
    const env = {
      EVENTHUBS_CONNECTION_STRING: 'SharedAccessKey=s3cret',
      COSMOS_ENDPOINT: 's3cret',
    };
    expect(problemsOf(entries, env).message).not.toContain('s3cret');
  });
});

describe('where Azure is', () => {
  test('a connection string goes before a namespace', () => {
    const entries = { hubs: eventHubsNamespace() };
    const name = 'mine.servicebus.windows.net';
    expect(
      readEnv('x', entries, { EVENTHUBS_CONNECTION_STRING: hub, EVENTHUBS_NAMESPACE: name }).hubs,
    ).toEqual({ connectionString: hub });
    expect(readEnv('x', entries, { EVENTHUBS_NAMESPACE: name }).hubs).toEqual({
      fullyQualifiedNamespace: name,
    });
  });

  test('one of the two is needed, and the message offers both', () => {
    const [problem] = problemsOf({ bus: serviceBusNamespace() }, {}).problems;
    expect(problem?.variable).toBe('SERVICEBUS_CONNECTION_STRING');
    expect(problem?.problem).toMatch(/^missing; expected a connection string/);
    expect(problem?.problem).toContain('SERVICEBUS_NAMESPACE');
  });

  test('without a key there is no key: the managed identity is used', () => {
    const COSMOS_ENDPOINT = 'https://mine.documents.azure.com:443/';
    expect(readEnv('x', { cosmos: cosmosAccount() }, { COSMOS_ENDPOINT }).cosmos).toEqual({
      endpoint: COSMOS_ENDPOINT,
    });
    expect(readEnv('x', { arm: resourceManager() }, {}).arm).toEqual({});
    expect(readEnv('x', { arm: resourceManager() }, { ARM_TOKEN: 't' }).arm).toEqual({
      token: 't',
    });
  });
});
