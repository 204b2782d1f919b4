import { defaultRule } from '@headroom/core';
import type { MatchPattern, ThrottlingRule } from '@headroom/core';

/**
 * The rule of a call, as Azure's: of all patterns that match, the most specific one decides. More specific is the longer
 * path before its `*`, then a whole path before one with `*`, then a named method before `*`, then the earlier rule. A `*`
 * at the end stands for anything, one before it for a part of a segment. Upper and lower case are the same.
 */
export class RuleMatch {
  /** Every rule that a call can fall under. */
  readonly rules: readonly ThrottlingRule[];
  readonly #patterns: readonly Compiled[];
  readonly #other: ThrottlingRule;

  constructor(rules: readonly ThrottlingRule[]) {
    this.#patterns = rules
      .flatMap((rule) => rule.matchPatterns.map((pattern) => compiled(rule, pattern)))
      .sort(bySpecificity);
    this.#other = otherRule(rules);
    const isComplete = rules.includes(this.#other) || this.#patterns.some(takesAll);
    this.rules = isComplete ? rules : [...rules, this.#other];
  }

  /** `path` with or without its leading slash. */
  find(method: string, path: string): ThrottlingRule {
    const asked = normal(path);
    for (const pattern of this.#patterns) {
      if (pattern.method !== '*' && pattern.method !== method) continue;
      if (matches(pattern, asked)) return pattern.rule;
    }
    return this.#other;
  }
}

/** Of calls that no pattern matches: the rule named `default`, or the ten calls a second that Azure gives everybody. */
function otherRule(rules: readonly ThrottlingRule[]): ThrottlingRule {
  return rules.find(({ key }) => key.toLowerCase() === defaultRule.key) ?? defaultRule;
}

interface Compiled {
  readonly rule: ThrottlingRule;
  readonly method: string;
  /** Before the first `*`. */
  readonly prefix: string;
  readonly isWhole: boolean;
  /** Where there is a `*` before the end. */
  readonly shape?: RegExp;
}

function compiled(rule: ThrottlingRule, { method, path }: MatchPattern): Compiled {
  const wanted = normal(path);
  const star = wanted.indexOf('*');
  const prefix = star === -1 ? wanted : wanted.slice(0, star);
  const simple = { rule, method: method.toUpperCase(), prefix, isWhole: star === -1 };
  if (star === -1 || star === wanted.length - 1) return simple;
  const parts = wanted.replace(/\*$/, '').split('*').map(escaped).join('[^/]*');
  return { ...simple, shape: new RegExp(`^${parts}${wanted.endsWith('*') ? '' : '$'}`) };
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

function matches({ prefix, isWhole, shape }: Compiled, path: string): boolean {
  if (shape !== undefined) return shape.test(path);
  return isWhole ? path === prefix : path.startsWith(prefix);
}

function takesAll({ method, prefix, isWhole, shape }: Compiled): boolean {
  return method === '*' && prefix === '/' && !isWhole && shape === undefined;
}

function bySpecificity(a: Compiled, b: Compiled): number {
  return (
    b.prefix.length - a.prefix.length ||
    Number(b.isWhole) - Number(a.isWhole) ||
    Number(a.method === '*') - Number(b.method === '*')
  );
}

/** With its slash at the beginning, without one at the end: mostly the path as it is. */
function normal(path: string): string {
  const lower = path.toLowerCase();
  const whole = lower.startsWith('/') ? lower : `/${lower}`;
  return whole.length > 1 && whole.endsWith('/') ? whole.slice(0, -1) : whole;
}
