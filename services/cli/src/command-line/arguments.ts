import { userInfo } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import { shadowNamePattern } from '@headroom/core';
import type { Instant, Millis, Mode, Result } from '@headroom/core';
import { parsePolicy } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import type { Surroundings } from '../surroundings.ts';
import { parseDuration } from '../text/duration.ts';
import { parseWhen } from '../text/when.ts';

/** `--data`: where the local system lives. */
export function dataOption(): Option {
  return new Option('--data <dir>', 'folder of the local system').default('.headroom');
}

/** The policy's own parser knows which modes there are, and what it says of those to come. */
export function modeOf(text: string): Mode {
  const parsed = parsePolicy({ mode: text });
  if (parsed.ok) return parsed.value.mode;
  throw new InvalidArgumentError(parsed.error.map(({ message }) => message).join('; '));
}

/** `90s`, `5m`, `1h30m`. */
export function duration(text: string): Millis {
  return valueOf(parseDuration(text));
}

/** That long ago, or ISO 8601. */
export function when(around: Pick<Surroundings, 'now'>): (text: string) => Instant {
  return (text) => valueOf(parseWhen(text, around.now()));
}

/** Resource Manager knows a subscription by its id alone, and says of a name that there is none. */
export function subscriptionId(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text;
  throw new InvalidArgumentError(
    'Expected the id of a subscription, not its name: az account list --output table.',
  );
}

export function shadowName(text: string): string {
  if (shadowNamePattern.test(text)) return text;
  throw new InvalidArgumentError(
    'Expected 1 to 64 letters and digits, with . _ and - between them.',
  );
}

export function wholeNumber(
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `${least} or more`;
    throw new InvalidArgumentError(`Expected a whole number, ${range}.`);
  };
}

/** Calls a second, in millionths at the finest: as a limit's own default may be. */
export function callsPerSecond(text: string): number {
  const value = Number(text);
  const isFine = Math.abs(value * 1e6 - Math.round(value * 1e6)) < 1e-3;
  if (text.trim() !== '' && value >= 0 && isFine) return value;
  throw new InvalidArgumentError('Expected calls a second, 0 or more, with six decimals at most.');
}

/** A user of a container may have no name. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new CommandFailed('your user name is not known here: give --owner NAME', {
      cause: error,
    });
  }
}

function valueOf<T>(parsed: Result<T, string>): T {
  if (parsed.ok) return parsed.value;
  throw new InvalidArgumentError(parsed.error);
}
