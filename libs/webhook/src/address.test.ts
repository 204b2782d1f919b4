import { expect, test } from '@jest/globals';
import { webhookAddress } from './address.ts';

test.each([
  'https://gateway.example/limits/vision?code=key',
  'http://127.0.0.1:8080/limits',
  'http://localhost:8080',
  'http://[::1]:8080',
])('%s is where limits may be sent', (text) => {
  expect(webhookAddress(text)).toEqual({ ok: true, value: new URL(text) });
});

test.each([
  ['gateway.example', 'an address such as'],
  ['http://gateway.example/', 'https, or http to this machine'],
  ['http://127.0.0.1.example/', 'https, or http to this machine'],
  ['http://10.0.0.1/', 'https, or http to this machine'],
  ['file:///etc/passwd', 'https, or http to this machine'],
  ['https://user:word@gateway.example/', 'no user or password'],
  ['https://gateway.example/#limits', 'no #'],
])('%s is not: %s', (text, expected) => {
  const found = webhookAddress(text);
  expect(found).toMatchObject({ ok: false, error: expect.stringContaining(expected) });
});
