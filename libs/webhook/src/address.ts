import { failed, ok } from '@headroom/core';
import type { Result } from '@headroom/core';

/** Of `URL.hostname`. */
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Where limits are sent: https anywhere, http on this machine only. The error completes the sentence "expected …". */
export function webhookAddress(text: string): Result<URL, string> {
  const address = URL.parse(text);
  if (address === null) return failed('an address such as https://gateway.example/limits/vision');
  const { protocol, hostname, username, password, hash } = address;
  const isSafe = protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname));
  if (!isSafe) return failed('https, or http to this machine');
  if (username !== '' || password !== '') return failed('no user or password in the address');
  return hash === '' ? ok(address) : failed('no # in the address');
}

/** For people. The query is left out: it may hold a key. */
export function addressText({ origin, pathname }: URL): string {
  return origin + pathname;
}
