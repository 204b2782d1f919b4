import { MessagingError } from '@azure/event-hubs';
import { describe, expect, test } from '@jest/globals';
import { DependencyUnavailable } from '@headroom/ports';
import { HubRefused, PartitionCountMismatch, hubError, isRetriedBySdk } from './errors.ts';

function sdkError(code?: string): MessagingError {
  const error = new MessagingError('said the broker');
  if (code !== undefined) error.code = code;
  return error;
}

describe('errors of the SDK', () => {
  test.each(['MessagingEntityNotFoundError', 'UnauthorizedError', 'MessageTooLargeError'])(
    '%s is final',
    (code) => {
      const mapped = hubError(sdkError(code), 'metrics');
      expect(mapped).toBeInstanceOf(HubRefused);
      expect(mapped).toMatchObject({ hub: 'metrics', code });
      expect(mapped.message).toContain("'metrics'");
    },
  );

  test.each(['ServerBusyError', 'OperationTimeoutError', 'ECONNREFUSED', undefined])(
    '%s passes',
    (code) => expect(hubError(sdkError(code), 'metrics')).toBeInstanceOf(DependencyUnavailable),
  );

  test('a link that was lost while it was about to be used passes', () => {
    const lost = new Error('Attempted to negotiate a claim but the CBS link does not exist.');
    expect(hubError(lost, 'metrics')).toBeInstanceOf(DependencyUnavailable);
  });

  test('the last attempt decides, however deep the SDK puts it', () => {
    const inner = new AggregateError([sdkError(), sdkError('UnauthorizedError')]);
    expect(hubError(new AggregateError([sdkError(), inner]), 'metrics')).toBeInstanceOf(HubRefused);
  });

  test('what is mapped never carries the flag that makes a pump skip its batch', () => {
    const unavailable = hubError(sdkError('ServerBusyError'), 'metrics');
    expect(isRetriedBySdk(sdkError('ServerBusyError'))).toBe(true);
    expect(isRetriedBySdk(unavailable)).toBe(false);
    expect(isRetriedBySdk(new AggregateError([sdkError()]))).toBe(false);
  });

  test('errors of other kinds pass unchanged', () => {
    const error = new TypeError('a bug');
    expect(hubError(error, 'metrics')).toBe(error);
  });

  test('a mismatch names both counts and what to do', () => {
    const { message } = new PartitionCountMismatch('signals', 16, 4);
    expect(message).toBe(
      "event hub 'signals' has 4 partitions and 16 are expected; the count is fixed for the log's life: " +
        'make a new hub with 16 partitions, or point Headroom at the hub that has them',
    );
  });
});
