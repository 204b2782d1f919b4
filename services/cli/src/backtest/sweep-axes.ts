import { durationText, failed, hourMs, minuteMs, ok } from '@headroom/core';
import type { AutoscaleSetting, Millis, Result, Rule } from '@headroom/core';
import { isSwept, parseSpan, sweepKeys, sweepPoints, sweepSize } from '@headroom/scenario';
import type { SweepAxis, SweepKey, SweepValue } from '@headroom/scenario';
import { CommandFailed } from '../command-failed.ts';

/** Most settings of one sweep: a month of minutes takes about half a second each. */
const sweepSettingsMax = 500;

const times = (...factors: readonly number[]): readonly SweepValue[] =>
  factors.map((factor) => ({ kind: 'times', factor }));
const minutes = (...counts: readonly number[]): readonly SweepValue[] =>
  counts.map((count) => ({ kind: 'exactly', value: count * minuteMs }));

/** What is tried where nobody says what. */
const defaultAxes: readonly SweepAxis[] = [
  { key: 'threshold', rules: 'out', values: times(0.8, 0.9, 1, 1.1, 1.2) },
  { key: 'window', values: minutes(5, 10, 15) },
  { key: 'cooldown', values: minutes(5, 10, 20) },
];

/** The axes as a person writes them. Throws `CommandFailed` that names the option and how to mend it. */
export function sweepAxes(
  texts: readonly string[],
  setting: AutoscaleSetting,
): readonly SweepAxis[] {
  const axes = texts.length === 0 ? axesFor(setting) : texts.map(parsedAxis);
  const size = sweepSize(axes);
  if (size > sweepSettingsMax) {
    throw new CommandFailed(
      `--sweep makes ${size} settings, and ${sweepSettingsMax} is the most: take larger steps, or fewer axes`,
    );
  }
  for (const [place, text] of texts.entries()) {
    const axis = axes[place];
    if (axis !== undefined) refuseUseless(axis, setting, text);
  }
  return axes;
}

function parsedAxis(text: string): SweepAxis {
  const axis = parseAxis(text);
  if (axis.ok) return axis.value;
  throw new CommandFailed(`--sweep "${text}": ${axis.error}`);
}

const form = /^([a-z]+)(?:\.([a-z]+|\d+))?=(.*)$/i;

/** `threshold=60..80:5`, `threshold.in=20,30`, `window.0=PT5M,PT10M`, `cooldown=5m..20m:5m`, `threshold=x0.8,x1.2`. */
export function parseAxis(text: string): Result<SweepAxis, string> {
  const [, name = '', selector, list = ''] = form.exec(text.trim()) ?? [];
  const key = sweepKeys.find((one) => one === name.toLowerCase());
  if (key === undefined) {
    return failed(
      `expected ${sweepKeys.join(', ')} and its values, as in threshold=60..80:5, window=PT5M,PT10M or cooldown.in=5m..20m:5m`,
    );
  }
  const rules = rulesOf(key, selector);
  if (!rules.ok) return rules;
  const values: SweepValue[] = [];
  for (const part of list.split(',')) {
    const some = valuesOf(key, part.trim());
    if (!some.ok) return some;
    values.push(...some.value);
  }
  return ok({ key, ...(rules.value === undefined ? {} : { rules: rules.value }), values });
}

/** A threshold of a scale-out is hardly that of a scale-in too: without a word the rules that scale out are meant. */
function rulesOf(key: SweepKey, selector: string | undefined): Result<SweepAxis['rules'], string> {
  if (selector === undefined) return ok(key === 'threshold' ? 'out' : undefined);
  if (selector === 'out' || selector === 'in') return ok(selector);
  if (/^\d+$/.test(selector)) return ok(Number(selector));
  return failed(`"${selector}" is no choice of rules: write out, in or the index of one rule`);
}

function valuesOf(key: SweepKey, text: string): Result<readonly SweepValue[], string> {
  const factor = /^x(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (factor !== undefined && Number(factor) > 0) return ok(times(Number(factor)));
  const range = /^(.+)\.\.(.+?)(?::(.+))?$/.exec(text);
  if (range === null) return exactly(key, [text]);
  const [, first = '', last = '', step] = range;
  if (step === undefined) return failed(`a range needs its step: ${text}:${stepOf(key)}`);
  return stepped(key, first, last, step);
}

function stepOf(key: SweepKey): string {
  return key === 'threshold' ? '5' : '5m';
}

function stepped(
  key: SweepKey,
  ...texts: readonly [first: string, last: string, step: string]
): Result<readonly SweepValue[], string> {
  const read = texts.map((text) => numberOf(key, text));
  const wrong = texts.find((_, place) => read[place] === undefined);
  if (wrong !== undefined) return failed(expectedText(key, wrong));
  const [from = 0, to = 0, step = 0] = read.map((one) => one ?? NaN);
  if (!(step > 0 && to >= from)) {
    return failed(`a range rises by a step above 0: ${texts[0]}..${texts[1]}:${texts[2]} does not`);
  }
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > sweepSettingsMax) return failed(`${count} values are more than ${sweepSettingsMax}`);
  const values = Array.from({ length: count }, (_, place) =>
    Number((from + place * step).toPrecision(12)),
  );
  return checked(key, values, texts.join(' '));
}

function exactly(key: SweepKey, texts: readonly string[]): Result<readonly SweepValue[], string> {
  const values: number[] = [];
  for (const text of texts) {
    const value = numberOf(key, text);
    if (value === undefined) return failed(expectedText(key, text));
    values.push(value);
  }
  return checked(key, values, texts.join(', '));
}

function numberOf(key: SweepKey, text: string): number | undefined {
  if (key !== 'threshold') return parseSpan(text);
  const value = Number(text);
  return text !== '' && Number.isFinite(value) ? value : undefined;
}

function expectedText(key: SweepKey, text: string): string {
  const expected = key === 'threshold' ? 'a number, or x1.1 for 1.1 times' : 'a time: PT5M or 5m';
  return `"${text}" is no value of a ${key}: expected ${expected}`;
}

/** Azure's own limits (REST reference of autoscale settings). */
const boundsMs = {
  window: { least: minuteMs, most: 12 * hourMs, text: '1 minute to 12 hours' },
  cooldown: { least: minuteMs, most: 7 * 24 * hourMs, text: '1 minute to a week' },
};

function checked(
  key: SweepKey,
  values: readonly number[],
  text: string,
): Result<readonly SweepValue[], string> {
  if (key !== 'threshold') {
    const { least, most, text: span } = boundsMs[key];
    const isOutside = values.some((value) => value < least || value > most);
    if (isOutside) return failed(`${text}: Azure takes a ${key} of ${span}`);
  }
  return ok(values.map((value) => ({ kind: 'exactly', value })));
}

function refuseUseless(axis: SweepAxis, setting: AutoscaleSetting, text: string): void {
  if (!isSwept(setting, axis)) {
    throw new CommandFailed(
      `--sweep: no rule of the setting is meant by "${text}": rules scale out or in, and count from 0 in their profile`,
    );
  }
  if (axis.key === 'threshold') return;
  const { key } = axis;
  const { least, most, text: span } = boundsMs[key];
  for (const { trigger, action } of rulesMade(setting, axis)) {
    const ms = key === 'window' ? trigger.timeWindowMs : action.cooldownMs;
    if (key === 'window' && ms < trigger.timeGrainMs) {
      throw new CommandFailed(
        `--sweep "${text}": a window cannot be shorter than the time grain, which is ${durationText(trigger.timeGrainMs)} here: take longer ones`,
      );
    }
    if (ms < least || ms > most) {
      throw new CommandFailed(`--sweep "${text}": Azure takes a ${key} of ${span}`);
    }
  }
}

/** What the axis makes of the rules that it is about: multiples too. */
function rulesMade(setting: AutoscaleSetting, axis: SweepAxis): readonly Rule[] {
  return sweepPoints(setting, [axis]).flatMap(({ setting: { profiles } }) =>
    profiles.flatMap(({ rules }, profile) =>
      rules.filter((rule, index) => rule !== setting.profiles[profile]?.rules[index]),
    ),
  );
}

function axesFor(setting: AutoscaleSetting): readonly SweepAxis[] {
  const grainMs = coarsestGrainMs(setting);
  return defaultAxes
    .map((axis) =>
      axis.key === 'window'
        ? { ...axis, values: axis.values.filter((value) => !isShorter(value, grainMs)) }
        : axis,
    )
    .filter((axis) => axis.values.length > 0 && isSwept(setting, axis));
}

function isShorter(value: SweepValue, grainMs: Millis): boolean {
  return value.kind === 'exactly' && value.value < grainMs;
}

function coarsestGrainMs({ profiles }: AutoscaleSetting): Millis {
  const rules = profiles.flatMap((profile) => profile.rules);
  return Math.max(0, ...rules.map(({ trigger }) => trigger.timeGrainMs));
}
