import { describe, expect, test } from '@jest/globals';
import { Faults, fitsPath } from './faults.ts';

test.each([
  [undefined, '/a', true],
  ['/a/b', '/A/B', true],
  ['/a', '/a/b', false],
  ['/a/*', '/a/b/c', true],
  ['*/c', '/a/b/c', true],
  ['/a/*/c/*', '/a/b/c/d', true],
  ['/a*a', '/a', false],
  ['*', '/anything', true],
  ['*x*', '/a', false],
])('the pattern %s and the path %s: %s', (pattern, path, expected) => {
  expect(fitsPath(pattern, path)).toBe(expected);
});

describe('faults', () => {
  test('are met as often as they say, the oldest first', () => {
    const faults = new Faults();
    faults.inject({ path: '/a', status: 429, times: 2 });
    faults.inject({ path: '*', status: 503 });
    const met = ['/a', '/a', '/b', '/a'].map((path) => faults.take('GET', path)?.status);
    expect(met).toEqual([429, 429, 503, undefined]);
  });

  test('are for their method, and gone when cleared', () => {
    const faults = new Faults();
    faults.inject({ method: 'patch', status: 503 });
    expect(faults.take('GET', '/a')).toBeUndefined();
    faults.failOperations({ code: 'C', message: 'm' });
    faults.clear();
    expect(faults.take('PATCH', '/a')).toBeUndefined();
    expect(faults.takeFailure('/a')).toBeUndefined();
  });

  test('of operations are for the resource they name', () => {
    const faults = new Faults();
    faults.failOperations({ path: '*/blue', code: 'C', message: 'm', times: 1 });
    expect(faults.takeFailure('/d/green')).toBeUndefined();
    expect(faults.takeFailure('/d/Blue')).toEqual({ code: 'C', message: 'm' });
    expect(faults.takeFailure('/d/blue')).toBeUndefined();
  });
});
