import type { Container } from '@azure/cosmos';
import { ChangeFeedStartFrom, StatusCodes } from '@azure/cosmos';
import { setTimeout as delay } from 'node:timers/promises';
import { answerOf } from './load.ts';

export interface StoredDocument {
  readonly id: string;
  readonly lane: string;
  readonly value: number;
}

const IDLE_MS = 50;
const CATCH_UP_MS = 60_000;

const beginning = { changeFeedStartFrom: ChangeFeedStartFrom.Beginning(), maxItemCount: 200 };
const goingOn = (token: string) => ({
  ...beginning,
  changeFeedStartFrom: ChangeFeedStartFrom.Continuation(token),
});

export interface FeedReader {
  /** Waits until every document was seen as it is, as long as that may take, and ends. */
  caughtUp(final: ReadonlyMap<string, string>): Promise<void>;
}

/** Follows the change feed from its beginning, through every restart. */
export function readFeed(container: Container, seen: Map<string, string>): FeedReader {
  const ending = new AbortController();
  const running = follow(container, seen, ending.signal);
  return {
    caughtUp: async (final) => {
      const endsAt = Date.now() + CATCH_UP_MS;
      const isBehind = (): boolean => [...final].some(([id, value]) => seen.get(id) !== value);
      while (isBehind() && Date.now() < endsAt) await delay(IDLE_MS);
      ending.abort();
      await running;
    },
  };
}

async function follow(
  container: Container,
  seen: Map<string, string>,
  ending: AbortSignal,
): Promise<void> {
  let token: string | undefined;
  while (!ending.aborted) {
    const options = token === undefined ? beginning : goingOn(token);
    const iterator = container.items.getChangeFeedIterator<StoredDocument>(options);
    const page = (await answerOf(iterator.readNext(), 3_000))?.of;
    if (page === undefined || page.statusCode === StatusCodes.NotModified) {
      await delay(IDLE_MS);
      continue;
    }
    for (const { id, value } of page.result) seen.set(id, String(value));
    token = page.continuationToken;
  }
}
