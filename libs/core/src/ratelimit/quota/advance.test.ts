import { describe, expect, test } from '@jest/globals';
import { after, instant, minuteMs } from '../../lang/instant.ts';
import type { Instant } from '../../lang/instant.ts';
import { targetId } from '../../lang/target.ts';
import type { OutcomeKind } from '../../outcome/outcome.ts';
import { advance } from './advance.ts';
import type { Ask } from './advance.ts';
import { ended, observed } from './pool-events.ts';
import { memberOf } from './pool-state.ts';
import { busyAndIdle } from './quota.fixture.ts';

/** A pool's mover with somebody who answers it. */
class Story {
  input = busyAndIdle();
  asks: readonly Ask[] = [];
  now: Instant = instant(1_000_000);

  look(passedMs = 0, held?: 'Paused'): string {
    this.now = after(this.now, passedMs);
    // What is saved between two looks is all that is known.
    const state = JSON.parse(JSON.stringify(this.input.state)) as typeof this.input.state;
    const found = advance({
      ...this.input,
      state,
      now: this.now,
      ...(held === undefined ? {} : { held }),
    });
    this.input = { ...this.input, state: found.state };
    this.asks = found.asks;
    return this.asks
      .map((ask) => (ask.kind === 'scale' ? `${ask.change.target} to ${ask.change.to}` : ask.kind))
      .join(', ');
  }

  free(amount: number, commandId = this.#id()): void {
    this.#observe(this.input.pool.id, commandId, amount);
  }

  end(kind: OutcomeKind, name: string, capacity: number): void {
    const member = memberOf(this.input.state, targetId(name));
    const outcome = {
      id: 'o',
      commandId: member?.inFlight?.commandId ?? '',
      target: targetId(name),
      kind,
      to: capacity,
      capacity,
      reachedProvider: true,
      detail: '',
      at: this.now,
      source: { kind: 'external', sender: 'test' },
    } as const;
    this.input = { ...this.input, state: ended(this.input.state, outcome, this.now) };
  }

  observe(name: string, amount: number): void {
    this.#observe(targetId(name), this.#id(), amount);
  }

  #observe(target: ReturnType<typeof targetId>, commandId: string, instances: number): void {
    const seen = { target, commandId, instances, detail: '', at: this.now };
    const { state, pool } = this.input;
    this.input = { ...this.input, state: observed(state, pool, seen, this.now) };
  }

  #id(): string {
    return this.asks[0]?.commandId ?? '';
  }
}

describe('a move', () => {
  test('goes down, reads what is free, then up', () => {
    const story = new Story();
    expect(story.look()).toBe('b to 20');
    expect(story.look(1000)).toBe('');
    story.end('Applied', 'b', 20);
    expect(story.look(1000)).toBe('readFree');
    story.free(20);
    expect(story.look(1000)).toBe('a to 40');
    story.end('Applied', 'a', 40);
    story.look(1000);
    expect(story.input.state.move).toBeUndefined();
    expect(story.input.state.backoff).toBeUndefined();
  });

  test('does not begin while the pool is paused, but is brought to its end', () => {
    const story = new Story();
    expect(story.look(0, 'Paused')).toBe('');
    expect(story.look()).toBe('b to 20');
    story.end('Applied', 'b', 20);
    expect(story.look(1000, 'Paused')).toBe('readFree');
  });

  test('an answer to another question about what is free does not count', () => {
    const story = new Story();
    story.look();
    story.end('Applied', 'b', 20);
    story.look(1000);
    story.free(20, 'an older one');
    expect(story.look(1000)).toBe('');
  });

  test('that somebody took all of is given back as it becomes free, with longer waits', () => {
    const story = new Story();
    story.look();
    story.end('Applied', 'b', 20);
    story.look(1000);
    story.free(20);
    expect(story.look(1000)).toBe('a to 40');
    story.end('QuotaExceeded', 'a', 20);
    expect(story.look(1000)).toBe('readFree');
    story.free(0);
    expect(story.look()).toBe('');
    expect(story.look(4000)).toBe('');
    expect(story.look(1000)).toBe('readFree');
    story.free(15);
    expect(story.look()).toBe('b to 35');
  });

  test('whose quota was taken in part raises by what is there', () => {
    const story = new Story();
    story.look();
    story.end('Applied', 'b', 20);
    story.look(1000);
    story.free(12);
    expect(story.look(1000)).toBe('a to 32');
  });

  test('that could not lower anything ends, and backs off', () => {
    const story = new Story();
    story.look();
    story.end('Failed', 'b', 40);
    story.look(1000);
    story.free(0);
    story.look();
    expect(story.input.state.move).toBeUndefined();
    expect(story.input.state.backoff).toMatchObject({ failures: 1 });
  });

  test('a command that nobody began is given up only after the capacity was read', () => {
    const story = new Story();
    story.look();
    expect(story.look(2 * minuteMs + 29_000)).toBe('');
    expect(story.look(1000)).toBe('read');
    story.observe('b', 40);
    expect(story.input.state.members[1]).toMatchObject({ capacity: 40 });
    expect(story.input.state.members[1]).not.toHaveProperty('inFlight');
  });
});

test('in mode observe a move is told and nothing asked for', () => {
  const input = busyAndIdle();
  const found = advance({ ...input, policy: { ...input.policy, mode: 'observe' } });
  expect(found).toMatchObject({ reason: 'QuotaMoved', asks: [] });
  expect(found.state.move).toBeUndefined();
});
