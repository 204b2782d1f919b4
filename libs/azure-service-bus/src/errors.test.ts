import { ServiceBusError } from '@azure/service-bus';
import { describe, expect, test } from '@jest/globals';
import { DependencyUnavailable } from '@headroom/ports';
import { EntityRefused, entityError, isLockLost } from './errors.ts';

describe('errors of the SDK', () => {
  test.each(['MessagingEntityNotFound', 'UnauthorizedAccess', 'MessageSizeExceeded'] as const)(
    '%s is final',
    (code) => {
      const mapped = entityError(new ServiceBusError('said the broker', code), 'decisions');
      expect(mapped).toBeInstanceOf(EntityRefused);
      expect(mapped).toMatchObject({ entity: 'decisions', code });
    },
  );

  test.each(['ServiceBusy', 'ServiceTimeout', 'QuotaExceeded', 'GeneralError'] as const)(
    '%s passes',
    (code) => {
      const mapped = entityError(new ServiceBusError('said the broker', code), 'decisions');
      expect(mapped).toBeInstanceOf(DependencyUnavailable);
    },
  );

  test('a link that was lost while it was about to be used passes', () => {
    const lost = new Error('Attempted to negotiate a claim but the CBS link does not exist.');
    expect(entityError(lost, 'decisions')).toBeInstanceOf(DependencyUnavailable);
  });

  test('the last attempt decides', () => {
    const attempts = [
      new ServiceBusError('busy', 'ServiceBusy'),
      new ServiceBusError('gone', 'MessagingEntityNotFound'),
    ];
    expect(entityError(new AggregateError(attempts), 'decisions')).toBeInstanceOf(EntityRefused);
  });

  test('errors of other kinds pass unchanged', () => {
    const error = new TypeError('a bug');
    expect(entityError(error, 'decisions')).toBe(error);
  });

  test('a lost lock is told by its code', () => {
    expect(isLockLost(new ServiceBusError('', 'MessageLockLost'))).toBe(true);
    expect(isLockLost(new ServiceBusError('', 'ServiceBusy'))).toBe(false);
  });
});
