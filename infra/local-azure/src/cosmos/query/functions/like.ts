import { badRequest } from '../../errors.ts';

/** A longer one could hold up everything, on a long text. */
const MAX_PATTERN_LENGTH = 1_000;

/** One step of a pattern: any run of characters, any one, one of a set, or this one. */
type Step =
  | { readonly kind: 'run' | 'any' }
  | { readonly kind: 'literal'; readonly character: string }
  | { readonly kind: 'set'; readonly members: string; readonly negated: boolean };

/**
 * SQL's LIKE: `%` any run, `_` any character, `[a-f]` and `[^a-f]` one of a set. Goes back to the last
 * `%` only, so that no pattern takes longer than the product of both lengths.
 */
export function like(text: string, pattern: string, escape: string | undefined): boolean {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw badRequest(`A LIKE pattern is above ${MAX_PATTERN_LENGTH} characters.`);
  }
  const steps = stepsOf(pattern, escape);
  const characters = Array.from(text);
  let [at, step, runStep, runAt] = [0, 0, -1, 0];
  while (at < characters.length) {
    const current = steps[step];
    if (current?.kind === 'run') {
      [runStep, runAt] = [step, at];
      step += 1;
    } else if (current !== undefined && fits(current, characters[at] ?? '')) {
      at += 1;
      step += 1;
    } else if (runStep >= 0) {
      runAt += 1;
      [at, step] = [runAt, runStep + 1];
    } else return false;
  }
  return steps.slice(step).every((each) => each.kind === 'run');
}

function fits(step: Step, character: string): boolean {
  switch (step.kind) {
    case 'literal':
      return step.character === character;
    case 'set':
      return isMember(step.members, character) !== step.negated;
    case 'any':
      return true;
    case 'run':
      return false;
  }
}

function isMember(members: string, character: string): boolean {
  for (let at = 0; at < members.length; at++) {
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    const [low = '', high = ''] = [members[at], members[isRange ? at + 2 : at]];
    if (character >= low && character <= high) return true;
    if (isRange) at += 2;
  }
  return false;
}

function stepsOf(pattern: string, escape: string | undefined): readonly Step[] {
  const steps: Step[] = [];
  const characters = Array.from(pattern);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const end = character === '[' ? characters.indexOf(']', at + 2) : -1;
    if (character === escape && at + 1 < characters.length) {
      at += 1;
      steps.push({ kind: 'literal', character: characters[at] ?? '' });
    } else if (character === '%') steps.push({ kind: 'run' });
    else if (character === '_') steps.push({ kind: 'any' });
    else if (end > 0) {
      const members = characters.slice(at + 1, end).join('');
      const negated = members.startsWith('^');
      steps.push({ kind: 'set', members: negated ? members.slice(1) : members, negated });
      at = end;
    } else steps.push({ kind: 'literal', character });
  }
  return steps;
}
