import { expect, test } from '@jest/globals';
import { EnvironmentError, readEnv } from '@headroom/runtime';
import { gatewayManagement } from './management.ts';

const principal = '00000000-0000-0000-0000-0000000000AA';
const given = {
  GATEWAY_MANAGEMENT_PORT: '8443',
  GATEWAY_MANAGEMENT_CERT: 'cert.pem',
  GATEWAY_MANAGEMENT_KEY: 'key.pem',
  GATEWAY_MANAGEMENT_ISSUER: 'https://sts.windows.net/t/',
  GATEWAY_MANAGEMENT_GRANTS: JSON.stringify([
    { principal, access: 'write' },
    { appRole: 'Limits.Read', access: 'read' },
  ]),
};
const read = (env: Record<string, string>) =>
  readEnv('gateway', { management: gatewayManagement() }, env).management;

test('without its port there is no such listener', () => {
  expect(read({})).toBeUndefined();
  expect(read({ ...given, GATEWAY_MANAGEMENT_PORT: '' })).toBeUndefined();
});

test('for this machine, and tokens of Azure Resource Manager, unless told otherwise', () => {
  expect(read(given)).toEqual({
    ...{ host: '127.0.0.1', port: 8443, certFile: 'cert.pem', keyFile: 'key.pem' },
    audience: 'https://management.azure.com',
    loginUrl: 'https://login.microsoftonline.com',
    tokens: {
      issuer: 'https://sts.windows.net/t/',
      audience: ['https://management.azure.com', 'https://management.azure.com/'],
    },
    grants: [
      { principal: principal.toLowerCase(), access: 'write' },
      { appRole: 'Limits.Read', access: 'read' },
    ],
  });
});

test('the keys of an AD FS are where people sign in; an audience of its own', () => {
  const found = read({
    ...given,
    GATEWAY_MANAGEMENT_LOGIN: 'https://localhost:8080/adfs/',
    GATEWAY_MANAGEMENT_AUDIENCE: 'api://headroom',
  });
  expect(found?.loginUrl).toBe('https://localhost:8080/adfs');
  expect(found?.tokens).toMatchObject({
    audience: ['api://headroom', 'api://headroom/'],
    keysAt: 'https://localhost:8080/adfs',
  });
});

test.each([
  ['GATEWAY_MANAGEMENT_PORT', '70000'],
  ['GATEWAY_MANAGEMENT_CERT', ''],
  ['GATEWAY_MANAGEMENT_KEY', ''],
  ['GATEWAY_MANAGEMENT_ISSUER', ''],
  ['GATEWAY_MANAGEMENT_ISSUER', 'http://sts.windows.net/t/'],
  ['GATEWAY_MANAGEMENT_LOGIN', 'http://login'],
  ['GATEWAY_MANAGEMENT_GRANTS', ''],
  ['GATEWAY_MANAGEMENT_GRANTS', '[]'],
  ['GATEWAY_MANAGEMENT_GRANTS', '[{"principal":"ann","access":"write"}]'],
  ['GATEWAY_MANAGEMENT_GRANTS', '[{"appRole":"Owner","access":"all"}]'],
  ['GATEWAY_MANAGEMENT_GRANTS', '[{"appRole":"Owner","access":"read","more":1}]'],
])('%s: not %j', (variable, value) => {
  expect(() => read({ ...given, [variable]: value })).toThrow(EnvironmentError);
  expect(() => read({ ...given, [variable]: value })).toThrow(variable);
});
