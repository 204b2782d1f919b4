import { describe, expect, test } from '@jest/globals';
import { secondMs } from '../lang/instant.ts';
import type { Decision } from '../decision/decision.ts';
import { reasonsOf, Story } from '../log/story.fixture.ts';
import { guardOf } from './guard.ts';

/** The last decision that a story put on record, and the guard that it names. */
function guardAfter(story: Story) {
  const decisions = story.said.flatMap((said): Decision[] =>
    said.kind === 'decision' ? [said.decision] : [],
  );
  const last = decisions.at(-1);
  return last === undefined ? undefined : guardOf(last, undefined);
}

describe('when a window is warm', () => {
  test('is not known while its data comes: what the record knows is when that would be too old', () => {
    const story = new Story();
    story.set(1);
    story.capacity(2);
    story.cpu(50, 5);
    expect(reasonsOf(story.cpu(50, 40))).toEqual([]);
    expect(guardAfter(story)).toEqual({ reason: 'Warming' });
  });

  test('is where missing begins while there never was any data', () => {
    const story = new Story();
    story.set(1);
    story.tick(secondMs);
    story.capacity(2);
    story.tick(secondMs);
    const guard = guardAfter(story);
    expect(guard).toMatchObject({ reason: 'Warming', until: expect.any(Number) });
    const seconds = ((guard?.until ?? 0) - story.now) / secondMs;
    expect(reasonsOf(story.ticks(seconds - 1))).not.toContain('MetricMissing');
    expect(reasonsOf(story.ticks(1))).toContain('MetricMissing');
  });
});
