import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { azureEnvironment, LocalEnvironmentError, localEnvironment } from './local-environment.ts';

describe('localEnvironment', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'headroom-env-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const write = (text: string, mode = 0o600) => {
    const path = join(dataDir, 'env.json');
    writeFileSync(path, text);
    chmodSync(path, mode);
  };
  const local = { COSMOS_ENDPOINT: 'http://127.0.0.1:1', COSMOS_KEY: 'local', ARM_TOKEN: 't' };

  test('reads the file that the local system wrote', () => {
    write(JSON.stringify(local));
    expect(localEnvironment(dataDir, { HOME: '/home/a' })).toEqual({ HOME: '/home/a', ...local });
  });

  test('the environment wins, and its account never gets the file’s key', () => {
    write(JSON.stringify(local));
    const env = { COSMOS_ENDPOINT: 'https://mine.documents.azure.com:443/' };
    expect(localEnvironment(dataDir, env)).toEqual({ ...env, ARM_TOKEN: 't' });
  });

  test('the certificate’s authority is the one of the ARM that is asked', () => {
    const authority = { NODE_EXTRA_CA_CERTS: '/local/ca.pem' };
    write(JSON.stringify({ ...local, ...authority }));
    const company = { NODE_EXTRA_CA_CERTS: '/company/ca.pem' };
    expect(localEnvironment(dataDir, company)).toEqual({ ...local, ...authority });
    const mine = { ...company, ARM_ENDPOINT: 'https://management.azure.com' };
    expect(localEnvironment(dataDir, mine)).toMatchObject(mine);
  });

  test('a local system’s identity wins where everything is local, and goes nowhere else', () => {
    const identity = { AZURE_TENANT_ID: 'adfs', AZURE_CLIENT_SECRET: 'local' };
    write(JSON.stringify({ COSMOS_ENDPOINT: 'https://localhost:1/', ...identity }));
    const shell = { AZURE_TENANT_ID: 'mine', AZURE_CLIENT_SECRET: 'mine' };
    expect(localEnvironment(dataDir, shell)).toMatchObject(identity);
    const azure = { EVENTHUBS_NAMESPACE: 'mine.servicebus.windows.net' };
    const mixed = localEnvironment(dataDir, azure);
    expect(mixed).toEqual({ COSMOS_ENDPOINT: 'https://localhost:1/', ...azure });
    expect(localEnvironment(dataDir, { ...azure, ...shell })).toMatchObject(shell);
  });

  test('needs no file where the environment names Azure', () => {
    const env = { COSMOS_ENDPOINT: 'https://mine.documents.azure.com:443/' };
    expect(localEnvironment(dataDir, env)).toEqual(env);
  });

  test('says how to start where there is nothing', () => {
    expect(() => localEnvironment(dataDir, {})).toThrow(LocalEnvironmentError);
    expect(() => localEnvironment(dataDir, { COSMOS_KEY: '' })).toThrow(/npm start/);
  });

  test('is Azure itself for what needs nothing else, where there is nothing', () => {
    expect(azureEnvironment(dataDir, { HOME: '/home/a' })).toEqual({ HOME: '/home/a' });
    write(JSON.stringify(local));
    expect(azureEnvironment(dataDir, { HOME: '/home/a' })).toEqual({ HOME: '/home/a', ...local });
  });

  test('refuses a file that others can read', () => {
    write(JSON.stringify(local), 0o644);
    expect(() => localEnvironment(dataDir, {})).toThrow(/can be read by others.*chmod 600/);
  });

  test.each([['{"COSMOS_KEY":'], ['[1]'], ['{"COSMOS_KEY":1}']])(
    'refuses a file that holds %s',
    (text) => {
      write(text);
      expect(() => localEnvironment(dataDir, {})).toThrow(/start it again/);
    },
  );
});
