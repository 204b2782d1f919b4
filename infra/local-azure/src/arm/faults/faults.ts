import type { OperationError } from '../operation-store.ts';

/** A fault that requests meet. What is left out of it fits any. */
export interface Fault {
  readonly method?: string | undefined;
  /** Whole path, whatever its case; `*` stands for anything. */
  readonly path?: string | undefined;
  /** How many requests meet it: one unless given. */
  readonly times?: number | undefined;
  /** How long the answer waits; without a status it then comes as ever. */
  readonly delayMs?: number | undefined;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** Left out, the answer has no Retry-After. */
  readonly retryAfterSeconds?: number | undefined;
}

/** How operations end that would end well. */
export interface FailingOperation extends OperationError {
  /** Of the resource's id; `*` stands for anything. */
  readonly path?: string | undefined;
  readonly times?: number | undefined;
}

/** A switch that is used up goes; older ones would otherwise pile up. */
const MAX_SWITCHES = 1000;

interface Switch<Rule> {
  readonly rule: Rule;
  left: number;
}

/** Switches for tests. They are not kept: a restart clears them. */
export class Faults {
  private faults: Switch<Fault>[] = [];
  private failing: Switch<FailingOperation>[] = [];

  inject(fault: Fault): void {
    this.faults = [...this.faults, { rule: fault, left: fault.times ?? 1 }].slice(-MAX_SWITCHES);
  }

  failOperations(rule: FailingOperation): void {
    this.failing = [...this.failing, { rule, left: rule.times ?? 1 }].slice(-MAX_SWITCHES);
  }

  clear(): void {
    this.faults = [];
    this.failing = [];
  }

  /** Takes the oldest fault that fits the request. */
  take(method: string, path: string): Fault | undefined {
    return taken(this.faults, (fault) => {
      const isMethod = fault.method === undefined || fault.method.toUpperCase() === method;
      return isMethod && fitsPath(fault.path, path);
    });
  }

  /** Takes the oldest failure that fits the resource of an operation. */
  takeFailure(resourceId: string): OperationError | undefined {
    const found = taken(this.failing, ({ path }) => fitsPath(path, resourceId));
    return found === undefined ? undefined : { code: found.code, message: found.message };
  }
}

function taken<Rule>(switches: Switch<Rule>[], fits: (rule: Rule) => boolean): Rule | undefined {
  const found = switches.find(({ rule, left }) => left > 0 && fits(rule));
  if (found === undefined) return undefined;
  found.left -= 1;
  if (found.left === 0) switches.splice(switches.indexOf(found), 1);
  return found.rule;
}

/** Word by word between the stars, so that no pattern takes long. */
export function fitsPath(pattern: string | undefined, path: string): boolean {
  if (pattern === undefined) return true;
  const text = path.toLowerCase();
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const word of rest) {
    const found = text.indexOf(word, at);
    if (found < 0) return false;
    at = found + word.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
