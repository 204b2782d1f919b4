import { failed, ok, targetId, type Result, type TargetId } from '@headroom/core';

/** `chat/blue` for the deployment blue of the endpoint chat: the last two names of the id. */
export function shortName(target: TargetId): string {
  const names = target.split('/').filter((_, index) => index > 0 && index % 2 === 0);
  return names.slice(-2).join('/');
}

/**
 * The target that a person means: its whole ARM id, or an ending of it (or of its short name) that one known target only
 * has. A whole id need not be known.
 */
export function findTarget(text: string, known: readonly TargetId[]): Result<TargetId, string> {
  const wanted = targetId(text);
  if (wanted.startsWith('/subscriptions/')) return ok(wanted);
  const ending = `/${wanted.replace(/^\/+/, '')}`;
  const found = known.filter((target) => [target, `/${shortName(target)}`].some(endsWith(ending)));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return ok(only);
  return failed(only === undefined ? unknownText(text, known) : ambiguousText(text, found));
}

function endsWith(ending: string): (name: string) => boolean {
  return (name) => name.endsWith(ending);
}

function unknownText(text: string, known: readonly TargetId[]): string {
  const list = known.length === 0 ? 'No target has a setting yet.' : `Known: ${listed(known)}`;
  return `no target's id ends in "${text}". Give the whole ARM id or a known ending. ${list}`;
}

function ambiguousText(text: string, found: readonly TargetId[]): string {
  return `${found.length} targets end in "${text}": give more of the id. ${listed(found)}`;
}

/** Targets that a message names at most. */
const listedMax = 10;

function listed(targets: readonly TargetId[]): string {
  const more = targets.length > listedMax ? `\n  … and ${targets.length - listedMax} more` : '';
  return `\n  ${targets.slice(0, listedMax).join('\n  ')}${more}`;
}
