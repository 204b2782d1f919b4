import { idOf, withLimit } from '@headroom/core';
import type { AccountLimits, LimitChange, TargetId } from '@headroom/core';
import type { LimitStore, Log } from '@headroom/ports';
import { decodeAccountLimits, encodeAccountLimits } from '@headroom/wire';
import { DocumentFeed } from './document-feed.ts';
import type { FollowPace } from './document-feed.ts';
import type { Document, Documents } from './documents.ts';
import { CosmosRefused } from './errors.ts';
import { UnreadableDocument } from './unreadable.ts';

/** Writers of one account that meet each other; more than there are scalers. */
const conflictsMax = 20;
const kind = 'limits';

/** One document an account, replaced on its etag. */
export class CosmosLimits implements LimitStore {
  readonly #documents: Documents;
  readonly #feed: DocumentFeed<AccountLimits>;

  constructor(documents: Documents, log: Log, pace?: FollowPace) {
    this.#documents = documents;
    const of = { name: kind, keyMember: 'resource', kind, parse: limitsOf };
    this.#feed = new DocumentFeed(documents, of, log, pace);
  }

  async read(account: TargetId): Promise<AccountLimits | undefined> {
    return (await this.#read(account))?.limits;
  }

  async set(change: LimitChange): Promise<'set' | 'stale'> {
    for (let tries = 0; tries < conflictsMax; tries++) {
      const held = await this.#read(change.account);
      const next = withLimit(held?.limits, change);
      if (next === undefined) return 'stale';
      const write = {
        document: documentOf(next),
        ...(held === undefined ? {} : { etag: held.etag }),
      };
      if ((await this.#documents.write(write, change.account)) !== undefined) return 'set';
    }
    const what = `setting a limit of ${change.account}`;
    throw new CosmosRefused(what, 412, `it was replaced ${conflictsMax} times meanwhile.`);
  }

  follow(changed: (limits: readonly AccountLimits[]) => void, signal: AbortSignal): Promise<void> {
    return this.#feed.follow(changed, signal);
  }

  async #read(account: TargetId) {
    const found = await this.#documents.read(keyOf(account), account);
    if (found === undefined) return undefined;
    const limits = decodeAccountLimits(found.document);
    if (!limits.ok) throw new UnreadableDocument(`limits/${account}`, limits.error);
    return { limits: limits.value, etag: found.etag };
  }
}

function limitsOf(document: { readonly [key: string]: unknown }): AccountLimits | undefined {
  const limits = decodeAccountLimits(document);
  return limits.ok ? limits.value : undefined;
}

function keyOf(account: TargetId): string {
  return idOf(kind, account);
}

function documentOf(limits: AccountLimits): Document {
  const { account } = limits;
  return { ...encodeAccountLimits(limits), kind, id: keyOf(account), resource: account };
}
