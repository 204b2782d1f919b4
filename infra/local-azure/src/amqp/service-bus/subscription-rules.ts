import { AmqpError } from '../errors.ts';
import type { SubscriptionEntity, SubscriptionRule } from '../entities.ts';
import type { Journal } from '../journal/journal.ts';
import type { EntityStore } from './bus-store.ts';
import type { FilteredMessage } from './filter/filtered-message.ts';
import { DEFAULT_RULE, EVERYTHING, compileRule } from './filter/rule.ts';
import type { Matcher } from './filter/rule.ts';

/** As many SQL filters as Azure allows a topic. */
const MAX_RULES = 2000;
/** Of a rule as JSON: its filter's values could be as large as a message otherwise. */
const MAX_RULE_LENGTH = 16 * 1024;

type Done = (error?: AmqpError) => void;

/**
 * The rules of a subscription, by name without regard to case. Those that clients add and remove are
 * kept on disk for as long as the configuration defines the same ones.
 */
export class SubscriptionRules {
  readonly #subscription: string;
  readonly #store: EntityStore;
  readonly #journal: Journal;
  /** What the configuration says, as text. */
  readonly #defined: string;
  readonly #rules = new Map<
    string,
    { readonly rule: SubscriptionRule; readonly matches: Matcher }
  >();

  /** Throws for a rule that is not supported. */
  constructor(
    subscription: string,
    config: SubscriptionEntity,
    store: EntityStore,
    journal: Journal,
  ) {
    this.#subscription = subscription;
    this.#store = store;
    this.#journal = journal;
    const defined = rulesOf(subscription, config);
    for (const rule of defined) this.#put(rule);
    this.#defined = JSON.stringify(defined);
    const kept = store.rules(this.#defined);
    if (kept === undefined) return;
    this.#rules.clear();
    for (const rule of JSON.parse(kept) as SubscriptionRule[]) this.#put(rule);
  }

  /** True when any rule matches: the subscription gets one copy, as in Azure. */
  match(message: FilteredMessage): boolean {
    for (const { matches } of this.#rules.values()) if (matches(message)) return true;
    return false;
  }

  list(): readonly SubscriptionRule[] {
    return [...this.#rules.values()].map(({ rule }) => rule);
  }

  /** Messages that come from now on are matched; calls back after the commit. */
  add(rule: SubscriptionRule, done: Done): void {
    if (this.#rules.has(rule.name.toLowerCase())) {
      throw new AmqpError('com.microsoft:entity-already-exists', this.#exists(rule.name), 409);
    }
    if (this.#rules.size >= MAX_RULES) {
      const full = `'${this.#subscription}' has ${MAX_RULES} rules, the most allowed.`;
      throw new AmqpError('amqp:resource-limit-exceeded', full, 403);
    }
    if (JSON.stringify(rule).length > MAX_RULE_LENGTH) {
      const large = `The rule '${rule.name.slice(0, 50)}' is longer than ${MAX_RULE_LENGTH} characters.`;
      throw new AmqpError('com.microsoft:argument-error', large);
    }
    try {
      this.#put(rule);
    } catch (error) {
      throw new AmqpError('com.microsoft:argument-error', (error as Error).message);
    }
    this.#save(done);
  }

  remove(name: string, done: Done): void {
    if (!this.#rules.delete(name.toLowerCase())) {
      const missing = `The messaging entity '${this.#subscription}' has no rule '${name}': it could not be found.`;
      throw new AmqpError('amqp:not-found', missing, 404);
    }
    this.#save(done);
  }

  #put(rule: SubscriptionRule): void {
    const matches = compileRule(rule);
    const key = rule.name.toLowerCase();
    if (this.#rules.has(key)) throw new Error(this.#exists(rule.name));
    this.#rules.set(key, { rule, matches });
  }

  #exists(name: string): string {
    return `'${this.#subscription}' already has a rule named '${name}': remove it first, or choose another name.`;
  }

  #save(done: Done): void {
    const rules = JSON.stringify(this.list());
    this.#journal.submit({
      write: () => this.#store.setRules(this.#defined, rules),
      committed: () => done(),
      failed: done,
    });
  }
}

function rulesOf(subscription: string, config: SubscriptionEntity): readonly SubscriptionRule[] {
  const { filter, rules } = config;
  if (filter !== undefined && rules !== undefined) {
    throw new Error(
      `Subscription '${subscription}' has both a filter and rules: give one of them.`,
    );
  }
  if (rules !== undefined) return rules;
  const only = filter === undefined ? EVERYTHING : ({ kind: 'sql', expression: filter } as const);
  return [{ name: DEFAULT_RULE, filter: only }];
}
