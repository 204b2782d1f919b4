import { describe, expect, test } from '@jest/globals';
import {
  cosmosAccount,
  eventHubsNamespace,
  resourceManager,
  serviceBusNamespace,
} from './azure-variables.ts';
import { EnvironmentError, readEnv } from './env.ts';
import type { Entries, Environment } from './env.ts';
import { logLevel, port, text, url } from './variables.ts';

const hub = 'Endpoint=sb://127.0.0.1:5672/;SharedAccessKeyName=root;SharedAccessKey=s3cret';

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
    const entries = { title: text('TITLE', 'a title'), port: port('HEALTH_PORT', 0) };
    expect(readEnv('x', entries, { TITLE: 'one', OTHER: 'ignored' })).toEqual({
      title: 'one',
      port: 0,
    });
    expect(readEnv('x', entries, { TITLE: 'one', HEALTH_PORT: '8080' }).port).toBe(8080);
  });

  test('names every variable that is missing or wrong, and what it should look like', () => {
    const entries = {
      title: text('TITLE', 'a title'),
      place: url('PLACE', 'an address'),
      port: port('HEALTH_PORT', 0),
      level: logLevel(),
    };
    const error = problemsOf(entries, { PLACE: 'ftp:x', HEALTH_PORT: '70000', LOG_LEVEL: 'loud' });
    expect(error.problems).toEqual([
      { variable: 'TITLE', problem: 'missing; expected a title' },
      { variable: 'PLACE', problem: 'wrong; expected an address' },
      {
        variable: 'HEALTH_PORT',
        problem: 'wrong; expected a port from 0 to 65535; 0 takes a free one',
      },
      { variable: 'LOG_LEVEL', problem: 'wrong; expected one of debug, info, warn, error' },
    ]);
    expect(error.message).toContain('ingest cannot start');
    expect(error.message).toContain('  TITLE: missing; expected a title');
  });

  test('takes an empty variable for an absent one', () => {
    expect(readEnv('x', { port: port('HEALTH_PORT', 7) }, { HEALTH_PORT: '' }).port).toBe(7);
    const error = problemsOf({ title: text('TITLE', 'a title') }, { TITLE: '' });
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
