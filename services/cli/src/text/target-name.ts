import { failed, ok, targetId, type Result, type TargetId } from '@headroom/core';
import { byLikeness } from './likeness.ts';

/**
 * `chat/blue` for the deployment blue of the endpoint chat, `vision` for an account, `vision/default` for one of its limits:
 * the last two names behind the provider's own.
 */
export function shortName(target: TargetId): string {
  const parts = target.split('/');
  const provider = parts.lastIndexOf('providers') + 1;
  const names = parts.filter((_, index) => index > provider && index % 2 === 0);
  return names.slice(-2).join('/');
}

/**
 * The target that a person means: its whole ARM id, or an ending of it (or of its short name) that one known target only
 * has. A whole id need not be known.
 */
export function findTarget(text: string, known: readonly TargetId[]): Result<TargetId, string> {
  const wanted = targetId(text);
  if (isWholeId(wanted)) return ok(wanted);
  const ending = `/${wanted.replace(/^\/+/, '')}`;
  const found = known.filter((target) => [target, `/${shortName(target)}`].some(endsWith(ending)));
  // An account may have a limit of its own name.
  const above = found.find((one) => found.every((id) => id === one || id.startsWith(`${one}/`)));
  if (above !== undefined) return ok(above);
  return failed(found.length === 0 ? unknownText(text, known) : ambiguousText(text, found));
}

/** As `findTarget`, of the known ones only. */
export function findKnownTarget(
  text: string,
  known: readonly TargetId[],
): Result<TargetId, string> {
  const found = findTarget(text, known);
  if (!found.ok || known.includes(found.value)) return found;
  return failed(`no setting is in force for ${found.value}. ${listText(text, known)}`);
}

/**
 * The known targets below a scope: the beginning of their ARM ids (an endpoint, a workspace, a resource group, a
 * subscription), or one target as `findTarget` takes it. Never none.
 */
export function findTargetsBelow(
  text: string,
  known: readonly TargetId[],
): Result<readonly TargetId[], string> {
  const scope = targetId(text);
  if (!isWholeId(scope)) {
    const found = findTarget(text, known);
    return found.ok ? ok([found.value]) : found;
  }
  const below = known.filter((target) => target === scope || target.startsWith(`${scope}/`));
  if (below.length > 0) return ok(below);
  return failed(`no setting is in force for ${scope} or below it. ${listText(text, known)}`);
}

/** The first ten by their short names, and how many more. */
export function namesText(targets: readonly TargetId[]): string {
  const more = targets.length > listedMax ? ` and ${targets.length - listedMax} more` : '';
  return `${targets.slice(0, listedMax).map(shortName).join(', ')}${more}`;
}

function isWholeId(id: TargetId): boolean {
  return id.startsWith('/subscriptions/');
}

function endsWith(ending: string): (name: string) => boolean {
  return (name) => name.endsWith(ending);
}

function unknownText(text: string, known: readonly TargetId[]): string {
  return `no target's id ends in "${text}". Give the whole ARM id or a known ending. ${listText(text, known)}`;
}

function ambiguousText(text: string, found: readonly TargetId[]): string {
  return `${found.length} targets end in "${text}": give more of the id. ${listed(found)}`;
}

/** The known ones, the likeliest to be meant first. */
function listText(text: string, known: readonly TargetId[]): string {
  if (known.length === 0) return 'No target has a setting yet.';
  const nearest = byLikeness(text.toLowerCase(), known, shortName);
  return `${known.length > listedMax ? 'Nearest' : 'Known'}: ${listed(nearest)}`;
}

/** Targets that a message names at most. */
const listedMax = 10;

function listed(targets: readonly TargetId[]): string {
  const more = targets.length > listedMax ? `\n  … and ${targets.length - listedMax} more` : '';
  return `\n  ${targets.slice(0, listedMax).join('\n  ')}${more}`;
}
