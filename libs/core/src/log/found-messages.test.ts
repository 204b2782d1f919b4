import { expect, test } from '@jest/globals';
import { target } from '../decision/decide.fixture.ts';
import type { TopicMessage } from '../audit/record.ts';
import { targetId } from '../lang/target.ts';
import { FoundMessages } from './found-messages.ts';

function reading(id: string): TopicMessage {
  const command = { kind: 'read', id, target, source: { kind: 'external', sender: 'a' } } as const;
  return { kind: 'read', command };
}

test('come in the order of their phases, then of their targets, then of their shadows', () => {
  const found = new FoundMessages();
  for (const speaker of [
    { id: '/c', phase: 2 },
    { id: '/b', phase: 1, name: 'y' },
    { id: '/b', phase: 1, name: 'x' },
    { id: '/b', phase: 1 },
    { id: '/a', phase: 1 },
  ]) {
    found.next.push(reading(`${speaker.id}${speaker.name ?? ''}`));
    found.keep({ ...speaker, target: targetId(speaker.id) });
  }
  const said: TopicMessage[] = [];
  found.addTo(said);
  expect(said).toEqual(['/a', '/b', '/bx', '/by', '/c'].map(reading));
});

test('may be more than a call has room for', () => {
  const found = new FoundMessages();
  const many = 300_000;
  const message = reading('same');
  for (let i = 0; i < many; i++) {
    found.next.push(message);
    found.keep({ target, phase: i });
  }
  const said: TopicMessage[] = [];
  found.addTo(said);
  expect(said).toHaveLength(many);
});
