import type { Instant, Problem, RateLimitContent, TargetId } from '@headroom/core';
import type { SettingStore, StoredSetting } from '@headroom/ports';
import { changeSetting, SettingNotWritten } from '@headroom/settings';
import type { Application } from '@headroom/settings';
import { parseDocument } from '@headroom/wire';
import { askedSwitch, isObject, shownDocument, withSwitch } from './account-document.ts';
import type { ArmDocument } from './account-document.ts';
import { ArmError, notFound } from './arm-error.ts';

/** An account as ARM would show it. */
export interface ShownAccount {
  readonly document: ArmDocument;
  readonly etag: string;
}

/** Headers of a request. */
export interface Conditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

export interface AccountChange extends Conditions {
  readonly target: TargetId;
  /** The whole account, or what of it changes. */
  readonly body: ArmDocument;
}

export interface ChangedAccount extends ShownAccount {
  readonly kind: 'written' | 'unchanged';
  readonly version: number;
  readonly was: boolean;
  readonly is: boolean;
}

/** Accounts at once when a list is read. */
const readsAtOnce = 16;

/** Accounts in the store of settings; their switch is all that can be changed. */
export class Accounts {
  readonly #settings: SettingStore;
  readonly #now: () => Instant;

  constructor(settings: SettingStore, now: () => Instant) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Throws `ArmError` 404. */
  async read(target: TargetId): Promise<ShownAccount> {
    const { document, content, version } = heldAccount(await this.#settings.read(target), target);
    return shown(document, content.account.dynamicThrottlingEnabled, version);
  }

  /** In the order of `targets`, without those that have gone meanwhile. */
  async readAll(targets: readonly TargetId[]): Promise<readonly ShownAccount[]> {
    const found: ShownAccount[] = [];
    for (let at = 0; at < targets.length; at += readsAtOnce) {
      const some = targets.slice(at, at + readsAtOnce);
      found.push(...(await Promise.all(some.map((target) => this.#readListed(target)))).flat());
    }
    return found;
  }

  /**
   * Writes through the door that `headroom apply` writes through. Throws `ArmError`: 404, 412 for another version than the
   * one that the requester saw, 400 for what cannot be changed, 409 when others keep writing.
   */
  async change(change: AccountChange): Promise<ChangedAccount> {
    const { target } = change;
    // Of the last version that was looked at: the one that the next is made of.
    let [document, was]: [ArmDocument, boolean] = [{}, false];
    const next = (stored: StoredSetting | undefined): Application => {
      const held = heldAccount(stored, target);
      checkConditions(held, change);
      was = held.content.account.dynamicThrottlingEnabled;
      document = documentAsAsked(held.document, change.body);
      return { document, parse: parseDocument, now: this.#now() };
    };
    const applied = await changeSetting(target, next, this.#settings).catch(conflictOf);
    if (applied.kind === 'invalid') throw refused(applied.problems);
    const { kind, version, content } = applied;
    const is = content.kind === 'rateLimit' && content.account.dynamicThrottlingEnabled;
    return { ...shown(document, is, version), kind, version, was, is };
  }

  async #readListed(target: TargetId): Promise<readonly ShownAccount[]> {
    try {
      return [await this.read(target)];
    } catch (error) {
      if (error instanceof ArmError) return [];
      throw error;
    }
  }
}

interface HeldAccount extends StoredSetting {
  readonly content: RateLimitContent;
  readonly document: ArmDocument;
}

function heldAccount(held: StoredSetting | undefined, target: TargetId): HeldAccount {
  const content = held?.content;
  if (content?.kind === 'unreadable') {
    const message = `The account ${target} cannot be read (${content.problems.join('; ')}): apply a good document of it with headroom apply.`;
    throw new ArmError(409, 'Conflict', message);
  }
  if (held === undefined || content?.kind !== 'rateLimit' || !isObject(held.document)) {
    const message = `The Resource '${target}' was not found: az resource show --ids ACCOUNT > account.json, then headroom apply account.json, makes it known here.`;
    throw notFound('ResourceNotFound', message);
  }
  return { ...held, content, document: held.document };
}

function shown(document: ArmDocument, isOn: boolean, version: number): ShownAccount {
  const etag = etagOf(version);
  return { document: shownDocument(document, isOn, etag), etag };
}

function documentAsAsked(document: ArmDocument, body: ArmDocument): ArmDocument {
  const asked = askedSwitch(body, document);
  if (asked.ok) return asked.value === undefined ? document : withSwitch(document, asked.value);
  throw new ArmError(400, 'PropertyChangeNotAllowed', textOf(asked.error), {
    problems: asked.error,
  });
}

/** What the door itself does not let in: the switch of an account that has none, a document that has become wrong. */
function refused(problems: readonly Problem[]): ArmError {
  return new ArmError(400, 'InvalidResourceProperties', textOf(problems, true), { problems });
}

function textOf(problems: readonly Problem[], named = false): string {
  return problems.map(({ field, message }) => (named ? `${field} ${message}` : message)).join(' ');
}

function conflictOf(error: unknown): never {
  if (!(error instanceof SettingNotWritten)) throw error;
  throw new ArmError(409, 'Conflict', error.message);
}

const etagOf = (version: number): string => `"${version}"`;

/** RFC 9110: `If-Match` names versions, any of which is good, or `*`; `If-None-Match: *` is for what is not there yet. */
function checkConditions({ version, target }: HeldAccount, conditions: Conditions): void {
  const { ifMatch, ifNoneMatch } = conditions;
  const isMatched = ifMatch === undefined || names(ifMatch, version);
  const isExcluded = ifNoneMatch !== undefined && names(ifNoneMatch, version);
  if (isMatched && !isExcluded) return;
  const message = `Nothing was changed: ${etagOf(version)} of ${target} is in force. Read it again.`;
  throw new ArmError(412, 'PreconditionFailed', message, { headers: { etag: etagOf(version) } });
}

function names(condition: string, version: number): boolean {
  const tags = condition.split(',').map((tag) => tag.trim());
  return tags.some((tag) => tag === '*' || tag === etagOf(version));
}
