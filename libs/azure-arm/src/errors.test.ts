import { describe, expect, test } from '@jest/globals';
import { ProviderUnavailable } from '@headroom/ports';
import { classify } from './errors.ts';

/** As the SDK throws it: the body's `error` parsed into `details`. */
const restError = (statusCode: number, code: string) =>
  Object.assign(new Error('why'), {
    statusCode,
    code,
    details: { error: { code, message: 'why' } },
  });

describe('an answer of Azure Resource Manager', () => {
  test.each<[number, string, object]>([
    [404, 'ResourceNotFound', { kind: 'notFound', detail: 'why (HTTP 404)' }],
    [409, 'Conflict', { kind: 'busy' }],
    [409, 'QuotaExceeded', { kind: 'refused', outcome: 'QuotaExceeded' }],
    [400, 'AnotherOperationInProgress', { kind: 'busy' }],
    [400, 'InsufficientQuota', { kind: 'refused', outcome: 'QuotaExceeded' }],
    [400, 'BadArgument', { kind: 'refused', outcome: 'Rejected', code: 'BadArgument' }],
    [400, 'OutOfQuota', { kind: 'refused', outcome: 'QuotaExceeded' }],
    [400, 'SkuNotAvailable', { kind: 'refused', outcome: 'CapacityUnavailable' }],
    [403, 'AuthorizationFailed', { kind: 'refused', outcome: 'Rejected' }],
    [401, 'InvalidAuthenticationToken', { kind: 'unavailable' }],
    [408, 'RequestTimeout', { kind: 'unavailable' }],
    [429, 'TooManyRequests', { kind: 'unavailable' }],
    [500, 'InternalServerError', { kind: 'unavailable' }],
    [503, 'ServiceUnavailable', { kind: 'unavailable' }],
  ])('%i %s', (status, code, expected) => {
    expect(classify(restError(status, code))).toMatchObject(expected);
  });

  test('says when to come again', () => {
    const last = { status: 429, retryAfterMs: 7000, body: undefined };
    const found = classify(restError(429, 'TooManyRequests'), last);
    expect(found).toMatchObject({ error: { name: 'ProviderUnavailable', retryAfterMs: 7000 } });
  });

  test('without a body that can be read is no riddle', () => {
    const bare = Object.assign(new Error('Bad Gateway'), { statusCode: 400 });
    expect(classify(bare)).toMatchObject({ code: 'Unknown', detail: 'Bad Gateway (HTTP 400)' });
  });
});

describe('no answer', () => {
  test('is unavailable and keeps its cause', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const found = classify(cause);
    expect(found).toMatchObject({ kind: 'unavailable', error: { cause } });
    expect(found.kind === 'unavailable' && found.error).toBeInstanceOf(ProviderUnavailable);
  });

  test.each([
    ['Failed', 'OutOfQuota', 'QuotaExceeded'],
    ['Failed', 'OutOfCapacity', 'CapacityUnavailable'],
    ['Failed', 'InternalServerError', 'Failed'],
    ['Canceled', 'OperationCanceled', 'Failed'],
  ])('but an operation that ended %s (%s): %s', (status, code, outcome) => {
    const body = { status, error: { code, message: 'why' } };
    const found = classify(new Error('it has failed'), { status: 200, retryAfterMs: 0, body });
    expect(found).toEqual({ kind: 'refused', outcome, code, detail: 'why' });
  });
});
