import { describe, expect, test } from '@jest/globals';
import { DependencyUnavailable } from '@headroom/ports';
import { CosmosRefused, failureOf } from './errors.ts';

const doing = 'reading x in container settings';

function sdkError(fields: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error('told by Cosmos DB\nwith a second line'), fields);
}

describe('what passes by itself is DependencyUnavailable', () => {
  test.each([
    ['throttled', { code: 429, retryAfterInMs: 70 }, 70],
    ['a moving partition', { code: 410 }, undefined],
    ['a retry-with', { code: 449 }, undefined],
    ['a timeout of the service', { code: 408 }, undefined],
    ['a fault of the service', { code: 500 }, undefined],
    ['a service that is away', { code: 503 }, undefined],
    ['nobody listening', { code: 'ECONNREFUSED' }, undefined],
    ['a cut connection', { code: 'ECONNRESET' }, undefined],
    ['a timeout of the SDK', { code: 'TimeoutError' }, undefined],
    ['our own limit', { name: 'AbortError' }, undefined],
  ])('%s', (_, fields, retryAfterMs) => {
    const error = sdkError(fields);
    const failure = failureOf(error, doing);
    expect(failure).toBeInstanceOf(DependencyUnavailable);
    expect(failure).toMatchObject({ dependency: 'cosmos', retryAfterMs, cause: error });
    expect((failure as Error).message).toContain(doing);
  });
});

describe('a final no is CosmosRefused, with advice', () => {
  test.each([
    [400, 'Nothing was changed'],
    [401, 'Check the key'],
    [403, 'role'],
    [404, 'deployed'],
    [413, '2 MB'],
  ])('%i', (code, advice) => {
    const failure = failureOf(sdkError({ code }), doing);
    expect(failure).toBeInstanceOf(CosmosRefused);
    expect(failure).toMatchObject({ status: code });
    expect((failure as Error).message).toContain(advice);
    expect((failure as Error).message).toContain('told by Cosmos DB');
    expect((failure as Error).message).not.toContain('second line');
  });
});

test("a programmer's error stays as it is", () => {
  const error = new TypeError('x is not a function');
  expect(failureOf(error, doing)).toBe(error);
});
