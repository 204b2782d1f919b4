import { after, failed, instant } from '@headroom/core';
import type { AiAccount, Instant, RateLimitPolicy, Result } from '@headroom/core';
import { didYouMean } from './closest.ts';
import type { ReadLimitDocument } from './limit-document.ts';
import type { LimitIntervention, LimitTest, ScaleTestEvent } from './scale-test.ts';
import { commonOf, given, lateSampleOf, overrideOf, withinLimits } from './test-parts.ts';
import type { DocumentPlace, PlacedProblem } from './test-parts.ts';

/** What a document does not say itself. */
export interface LimitContext extends DocumentPlace {
  readonly account: AiAccount;
  readonly policy: RateLimitPolicy;
  /** The policies of the events that change it, by the index of the event. */
  readonly policies: ReadonlyMap<number, RateLimitPolicy>;
}

/** The test that a document means; the error names a key that the account has not, or what is too much for one run. */
export function limitTestOf(
  document: ReadLimitDocument,
  context: LimitContext,
): Result<LimitTest, PlacedProblem> {
  const { account, policy, lineOf } = context;
  const problem = problemIn(document, account);
  if (problem !== undefined) return failed(problem);
  const start = instant(Date.parse(document.start));
  const keyed = <Entry extends Keyed>(entry: Entry) => ({
    ...given(entry),
    key: keyOf(entry, account) ?? '',
  });
  const { calls, events, expect, decisions } = document;
  return withinLimits<LimitTest>({
    kind: 'ratelimit',
    ...commonOf(document, context, account.id),
    ...{ account, policy },
    calls: calls.map(({ every, ...rest }) => ({ ...keyed(rest), everyMs: every })),
    events: events.map((event, index) => eventOf(event, context, index, start)),
    expect: expect.map((one, index) => ({ ...keyed(one), line: lineOf(['expect', index]) })),
    ...(decisions === undefined ? {} : { decisions: decisions.map(keyed) }),
  });
}

interface Keyed {
  readonly key?: string | undefined;
}

/** What only the account tells to be wrong, and values that no series of calls has. */
function problemIn(document: ReadLimitDocument, account: AiAccount): PlacedProblem | undefined {
  const { calls, expect, decisions = [] } = document;
  for (const [list, entries] of Object.entries({ calls, expect, decisions })) {
    const index = entries.findIndex((entry: Keyed) => keyOf(entry, account) === undefined);
    const entry = entries[index];
    if (entry !== undefined)
      return { path: [list, index, 'key'], message: keyText(entry, account) };
  }
  const index = calls.findIndex(({ values }) => values.some((value) => value < 0));
  if (index === -1) return undefined;
  return { path: ['calls', index, 'values'], message: 'expected calls a second, 0 or more' };
}

/** The rule's own spelling; of an account with one limit, or with a default one, it need not be said. */
function keyOf({ key }: Keyed, { rules }: AiAccount): string | undefined {
  const wanted = key ?? (rules.length === 1 ? rules[0]?.key : 'default');
  return rules.find((rule) => rule.key.toLowerCase() === wanted?.toLowerCase())?.key;
}

function keyText({ key }: Keyed, { rules }: AiAccount): string {
  const keys = rules.map((rule) => rule.key);
  const told = key === undefined ? 'missing' : `no limit has this key${didYouMean(key, keys)}`;
  return `${told}: the account has ${keys.join(', ')}`;
}

function eventOf(
  { at, enabled, options, sample, override }: ReadLimitDocument['events'][number],
  { account, policy, policies }: LimitContext,
  index: number,
  start: Instant,
): ScaleTestEvent<LimitIntervention> {
  if (enabled !== undefined) return { at, kind: 'switch', on: enabled };
  if (options !== undefined) return { at, kind: 'options', policy: policies.get(index) ?? policy };
  if (sample !== undefined) return lateSampleOf(at, sample, account.id);
  if (override === undefined) throw new RangeError('an event has one of its four parts');
  return { at, kind: 'override', override: overrideOf(override, after(start, at)) };
}
