import { expect, test } from '@jest/globals';
import { instant, targetId } from '@headroom/core';
import type { TopicMessage } from '@headroom/core';
import { MemoryQueue } from './command-queue.ts';
import { duplicateWindowMs, MemoryTopic } from './decision-topic.ts';
import { VirtualClock } from './virtual-clock.ts';

const target = targetId('/e/deployments/blue');

function read(id: string): TopicMessage {
  const source = { kind: 'external', sender: 'test' } as const;
  return { kind: 'read', command: { kind: 'read', id, target, source } };
}

function divergence(id: string): TopicMessage {
  const at = instant(0);
  return { kind: 'divergence', divergence: { id, recordId: 'r', target, at, second: '{}' } };
}

function setUp() {
  const clock = new VirtualClock(instant(0));
  const queue = new MemoryQueue(clock);
  return { clock, queue, topic: new MemoryTopic(clock, queue) };
}

test('commands go to the queue, everything to the records', async () => {
  const { queue, topic } = setUp();
  await topic.publish([read('a'), divergence('d')]);
  expect(queue.waiting.map(({ messageId }) => messageId)).toEqual(['a']);
  expect(topic.records.waiting).toEqual([read('a'), divergence('d')]);
});

test('a message is dropped while its id is remembered', async () => {
  const { clock, queue, topic } = setUp();
  await topic.publish([read('a')]);
  await clock.advance(duplicateWindowMs - 1);
  await topic.publish([read('a')]);
  expect(topic.accepted).toHaveLength(1);
  await clock.advance(1);
  await topic.publish([read('a')]);
  expect(topic.accepted).toHaveLength(2);
  expect(queue.waiting).toHaveLength(2);
});

test('a record whose handler rejects comes again', async () => {
  const { topic } = setUp();
  await topic.publish([divergence('d')]);
  await topic.records.deliver(() => Promise.reject(new Error('no')));
  const got: TopicMessage[] = [];
  await topic.records.deliver((message) => {
    got.push(message);
    return Promise.resolve();
  });
  expect(got).toEqual([divergence('d')]);
  expect(topic.records.waiting).toEqual([]);
});
