import { expect, test } from '@jest/globals';
import { documentKind, parseDocument } from '../setting-content.ts';
import { parseQuotaPool } from './quota-pool.ts';

const accounts =
  '/subscriptions/S/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts';
const id =
  '/subscriptions/S/providers/Microsoft.CognitiveServices/locations/westeurope/usages/OpenAI.Standard.m';
const deployment = (name: string, more: object = {}) => ({
  id: `${accounts}/a/deployments/${name}`,
  maximum: 100,
  ...more,
});
const pool = (...deployments: readonly object[]) => ({ id, properties: { deployments } });

test('a pool has the name of its usage, and deployments their defaults', () => {
  const ladder = { allowedValues: [50, 1, 10], guarantee: 10, priority: 2 };
  expect(parseQuotaPool(pool(deployment('chat', ladder), deployment('batch')))).toEqual({
    ok: true,
    value: {
      id: id.toLowerCase(),
      name: 'OpenAI.Standard.m',
      deployments: [
        {
          target: `${accounts}/a/deployments/chat`.toLowerCase(),
          ...{ guarantee: 10, maximum: 100, priority: 2, minimum: 1, step: 1 },
          allowedValues: [1, 10, 50],
        },
        {
          target: `${accounts}/a/deployments/batch`.toLowerCase(),
          ...{ guarantee: 0, maximum: 100, priority: 0, minimum: 1, step: 1 },
        },
      ],
    },
  });
});

const two = 'properties.deployments';
test.each([
  [pool(deployment('chat')), two, 'two deployments or more'],
  [pool(deployment('chat'), deployment('CHAT')), two, 'there twice'],
  [
    pool(deployment('a', { guarantee: 101 }), deployment('b')),
    `${two}[0].guarantee`,
    'above the maximum',
  ],
  [
    pool(deployment('a', { minimum: 101 }), deployment('b')),
    `${two}[0].minimum`,
    'above the maximum',
  ],
  [
    pool(deployment('a', { guarante: 1 }), deployment('b')),
    `${two}[0].guarante`,
    'write guarantee',
  ],
  [pool(deployment('a', { step: 0 }), deployment('b')), `${two}[0].step`, '1 or more'],
  [pool({ id: '/x', maximum: 1 }, deployment('b')), `${two}[0].id`, 'deployments/{name}'],
  [{ ...pool(deployment('a'), deployment('b')), id: '/x' }, 'id', 'usages/{name}'],
])('%#: refused at %s', (document, field, message) => {
  expect(parseQuotaPool(document)).toEqual({
    ok: false,
    error: [{ field, message: expect.stringContaining(message) }],
  });
});

test.each([
  [{ type: 'headroom/quotapools' }, 'quotaPool'],
  [{ id }, 'quotaPool'],
  [{ type: 'Microsoft.CognitiveServices/accounts' }, 'rateLimit'],
  [{ id: `${accounts}/a/` }, 'rateLimit'],
  [{ id: `${accounts}/a/deployments/chat` }, 'setting'],
  [{ type: 'Microsoft.Insights/autoscaleSettings', id }, 'setting'],
  [[7], 'setting'],
])('%j is of kind %s', (document, kind) => {
  expect(documentKind(document)).toBe(kind);
  expect(parseDocument(document).ok).toBe(false);
});
