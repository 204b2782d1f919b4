import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pageAnswer } from './paging.ts';
import type { ArmRequest } from './request.ts';
import { parseTarget } from './request.ts';

const MAX_PAGES = 100;

const requestOf = (target: string): ArmRequest => ({
  ...{ method: 'GET', apiVersion: '', body: '', caller: '', correlationId: '' },
  ...parseTarget(target),
  baseUrl: 'https://host',
});

test('the pages of a list hold each of its items once, whatever their keys and the page size', () => {
  const keys = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 30 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 40 }), (items, pageSize) => {
      const found: unknown[] = [];
      let target: string | undefined = '/a/b%20c?api-version=1';
      for (let page = 0; page < MAX_PAGES && target !== undefined; page += 1) {
        const show = (key: string) => ({ key });
        const answer = pageAnswer(requestOf(target), pageSize, items, (key) => key, show);
        const body = JSON.parse(answer.body ?? '') as { value: object[]; nextLink?: string };
        expect(body.value.length).toBeLessThanOrEqual(pageSize);
        found.push(...body.value.map((each) => (each as { key: string }).key));
        target = body.nextLink?.replace('https://host', '');
      }
      expect(found.toSorted()).toEqual(items.toSorted());
    }),
    { numRuns: 100 },
  );
});
