import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { HEADROOM_VERSION } from './format.ts';

test('what is written into folders is the version that the package has', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ version: HEADROOM_VERSION });
});
