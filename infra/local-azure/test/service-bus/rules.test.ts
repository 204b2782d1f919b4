import { describe, expect, jest, test } from '@jest/globals';
import type { RuleProperties, ServiceBusMessage } from '@azure/service-bus';
import type { SubscriptionEntity } from '../../src/amqp/index.ts';
import { startTestServer } from '../amqp/server.fixture.ts';
import { TestBus, entities, properties, subscription, topic } from './bus.fixture.ts';

jest.setTimeout(30_000);

const bus = new TestBus(
  entities(
    topic('news', [
      subscription('all'),
      subscription('sql', { filter: "kind IN ('scale', 'read') AND urgent IS NULL" }),
      subscription('correlation', {
        rules: [
          {
            name: 'scale of s-1',
            filter: { kind: 'correlation', label: 'scale', properties: { shard: 1 } },
          },
        ],
      }),
      subscription('several', {
        rules: [
          { name: 'big', filter: { kind: 'sql', expression: 'size >= 10' } },
          { name: 'scale', filter: { kind: 'sql', expression: "sys.Label = 'scale'" } },
          { name: 'by id', filter: { kind: 'correlation', correlationId: 'c-1' } },
        ],
      }),
      subscription('nothing', { rules: [] }),
    ]),
  ),
);

function start(more: Partial<SubscriptionEntity>): Promise<unknown> {
  return startTestServer({ entities: entities(topic('news', [subscription('sub', more)])) });
}

async function listed(name: string): Promise<RuleProperties[]> {
  const rules: RuleProperties[] = [];
  const manager = bus.client.createRuleManager('news', name);
  for await (const rule of manager.listRules()) rules.push(rule);
  return rules;
}

describe('subscription rules', () => {
  test('a SQL filter chooses by application properties', async () => {
    const kinds = ['scale', 'decision', 'read'];
    const messages = kinds.map((kind) => ({ body: kind, ...properties({ kind }) }));
    await bus.send('news', ...messages, { body: 'none' });
    await bus.send('news', { body: 'urgent', ...properties({ kind: 'scale', urgent: true }) });
    expect(await bus.bodies('news/all')).toEqual([...kinds, 'none', 'urgent']);
    expect(await bus.bodies('news/sql')).toEqual(['scale', 'read']);
  });

  test('a correlation filter asks for all of its values', async () => {
    const messages: ServiceBusMessage[] = [
      { body: 'yes', subject: 'scale', ...properties({ shard: 1 }) },
      { body: 'other shard', subject: 'scale', ...properties({ shard: 2 }) },
      { body: 'other label', subject: 'read', ...properties({ shard: 1 }) },
      { body: 'no shard', subject: 'scale' },
    ];
    await bus.send('news', ...messages);
    expect(await bus.bodies('news/correlation')).toEqual(['yes']);
  });

  test('of several rules any lets a message in, once', async () => {
    await bus.send(
      'news',
      { body: 'none', ...properties({ size: 9 }) },
      { body: 'big', ...properties({ size: 10 }) },
      { body: 'all', subject: 'scale', correlationId: 'c-1', ...properties({ size: 11.5 }) },
      { body: 'by id', correlationId: 'c-1' },
    );
    expect(await bus.bodies('news/several')).toEqual(['big', 'all', 'by id']);
    expect(await bus.isEmpty('news/nothing')).toBe(true);
  });

  test('types are not mixed up: a number is no text', async () => {
    const manager = bus.client.createRuleManager('news', 'nothing');
    await manager.createRule('text', { sqlExpression: "size = '10'" });
    await manager.createRule('number', { applicationProperties: { shard: 1 } });
    await bus.send('news', { body: 'number', ...properties({ size: 10, shard: '1' }) });
    await bus.send('news', { body: 'text', ...properties({ size: '10', shard: true }) });
    expect(await bus.bodies('news/nothing')).toEqual(['text']);
  });
});

describe('a filter that is not supported', () => {
  test.each<[string, Partial<SubscriptionEntity>, RegExp]>([
    ['arithmetic', { filter: 'size + 1 = 2' }, /not supported at position 6 .*understands = <>/],
    [
      'a function',
      { rules: [{ name: 'id', filter: { kind: 'sql', expression: "newid() = 'x'" } }] },
      /newid.* not supported at position 1/,
    ],
    [
      'an action',
      { rules: [{ name: 'set', filter: { kind: 'sql', expression: '1=1' }, action: 'SET a = 1' }] },
      /'set' has an action .*not supported/,
    ],
    ['no condition', { rules: [{ name: 'c', filter: { kind: 'correlation' } }] }, /no condition/],
    ['filter and rules', { filter: '1=1', rules: [] }, /both a filter and rules/],
  ])('is refused at the start: %s', async (_, more, why) => {
    await expect(start(more)).rejects.toThrow(why);
  });
});

describe('the rule manager', () => {
  test('lists the rules of a subscription, page by page', async () => {
    expect(await listed('all')).toMatchObject([
      { name: '$Default', filter: { sqlExpression: '1=1' } },
    ]);
    expect(await listed('several')).toMatchObject([
      { name: 'big', filter: { sqlExpression: 'size >= 10' } },
      { name: 'scale', filter: { sqlExpression: "sys.Label = 'scale'" } },
      { name: 'by id', filter: { correlationId: 'c-1' } },
    ]);
    expect(await listed('correlation')).toMatchObject([
      { filter: { subject: 'scale', applicationProperties: { shard: 1 } } },
    ]);
    expect(await listed('nothing')).toEqual([]);
    const manager = bus.client.createRuleManager('news', 'several');
    const pages: number[] = [];
    for await (const page of manager.listRules().byPage({ maxPageSize: 2 })) {
      pages.push(page.length);
    }
    expect(pages).toEqual([2, 1]);
  });

  test('creates and deletes rules, which hold at once and after a restart', async () => {
    const manager = bus.client.createRuleManager('news', 'all');
    await manager.deleteRule('$Default');
    await manager.createRule('label', { subject: 'scale', applicationProperties: { shard: 2 } });
    await manager.createRule('kind', { sqlExpression: "kind LIKE 's%'" });
    await bus.restart();
    expect(await listed('all')).toMatchObject([
      { name: 'label', filter: { subject: 'scale', applicationProperties: { shard: 2 } } },
      { name: 'kind', filter: { sqlExpression: "kind LIKE 's%'" } },
    ]);
    await bus.send(
      'news',
      { body: 'label', subject: 'scale', ...properties({ shard: 2 }) },
      { body: 'kind', ...properties({ kind: 'scale' }) },
      { body: 'neither' },
    );
    expect(await bus.bodies('news/all')).toEqual(['label', 'kind']);
  });

  test('rules that a client changed give way when the configuration does', async () => {
    await bus.client.createRuleManager('news', 'all').deleteRule('$Default');
    const changed = subscription('all', { filter: "kind = 'x'" });
    await bus.restart({ entities: entities(topic('news', [changed])) });
    expect(await listed('all')).toMatchObject([{ filter: { sqlExpression: "kind = 'x'" } }]);
  });

  test('refuses what is there already, what is not there, and what it does not know', async () => {
    const manager = bus.client.createRuleManager('news', 'all');
    await expect(manager.createRule('$default', { subject: 'a' })).rejects.toMatchObject({
      code: 'MessagingEntityAlreadyExists',
    });
    await expect(manager.deleteRule('nope')).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    });
    await expect(manager.createRule('bad', { sqlExpression: 'a + 1 = 2' })).rejects.toThrow(
      /not supported at position 3/,
    );
    expect(await listed('all')).toHaveLength(1);
  });

  test('a rule with an action is not supported', async () => {
    const manager = bus.client.createRuleManager('news', 'all');
    await expect(
      manager.createRule('set', { sqlExpression: '1=1' }, { sqlExpression: 'SET a = 1' }),
    ).rejects.toThrow(/'set' has an action .*not supported/);
  });
});
