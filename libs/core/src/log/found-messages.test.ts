import { expect, test } from '@jest/globals';
import { target } from '../decision/decide.fixture.ts';
import type { TopicMessage } from '../audit/record.ts';
import { targetId } from '../lang/target.ts';
import { FoundMessages } from './found-messages.ts';

function reading(id: string): TopicMessage {
  const command = { kind: 'read', id, target, source: { kind: 'external', sender: 'a' } } as const;
  return { kind: 'read', command };
}

test('come in the order of their places, then of their targets', () => {
  const found = new FoundMessages();
  for (const [id, place] of [
    ['/c', 2],
    ['/b', 1],
    ['/a', 1],
  ] as const) {
    found.next.push(reading(id));
    found.keep(targetId(id), place);
  }
  const said: TopicMessage[] = [];
  found.addTo(said);
  expect(said).toEqual([reading('/a'), reading('/b'), reading('/c')]);
});

test('may be more than a call has room for', () => {
  const found = new FoundMessages();
  const many = 300_000;
  const message = reading('same');
  for (let i = 0; i < many; i++) {
    found.next.push(message);
    found.keep(target, i);
  }
  const said: TopicMessage[] = [];
  found.addTo(said);
  expect(said).toHaveLength(many);
});
