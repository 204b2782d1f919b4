import type { AutoscaleSetting, Problem } from '@headroom/core';
import { isObject } from '../json.ts';

/** What is no error, and what the author of a setting would still want to know. `document`: as it was checked. */
export function warningsOf(document: unknown, setting: AutoscaleSetting): readonly Problem[] {
  const properties = memberOf(document, 'properties');
  const profiles = memberOf(properties, 'profiles');
  const list: readonly unknown[] = Array.isArray(profiles) ? profiles : [];
  return [
    ...unevaluated(properties),
    ...withoutDefault(setting),
    ...sameNames(setting),
    ...fixedCounts(setting),
    ...list.flatMap(passedOffsets),
  ];
}

function unevaluated(properties: unknown): readonly Problem[] {
  const notifications = memberOf(properties, 'notifications');
  const predictive = memberOf(memberOf(properties, 'predictiveAutoscalePolicy'), 'scaleMode');
  const found = [
    (memberOf(properties, 'enabled') ?? undefined) === undefined && {
      field: 'properties.enabled',
      message: "left out: taken as true; write it, since Azure's own pages disagree on its default",
    },
    Array.isArray(notifications) &&
      notifications.length > 0 && {
        field: 'properties.notifications',
        message: 'kept, but Headroom sends none',
      },
    (predictive === 'Enabled' || predictive === 'ForecastOnly') && {
      field: 'properties.predictiveAutoscalePolicy',
      message: 'kept, but Headroom does not scale by predictions',
    },
  ];
  return found.filter((problem) => problem !== false);
}

function withoutDefault({ profiles }: AutoscaleSetting): readonly Problem[] {
  if (profiles.some(({ schedule }) => schedule?.kind !== 'fixedDate')) return [];
  const message =
    'fixed dates only: at any other time no profile applies, and nothing is decided; add a profile without a schedule';
  return [{ field: 'properties.profiles', message }];
}

/** Decisions and policies name a profile by its name. */
function sameNames({ profiles }: AutoscaleSetting): readonly Problem[] {
  const names = profiles.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const message = `called as profiles[${first}] is: decisions tell them apart by their names`;
    return [{ field: `properties.profiles[${index}].name`, message }];
  });
}

function fixedCounts({ profiles }: AutoscaleSetting): readonly Problem[] {
  return profiles.flatMap(({ capacity, rules }, index) => {
    if (capacity.minimum !== capacity.maximum || rules.length === 0) return [];
    const message = `minimum and maximum are both ${capacity.maximum}: no rule can ever act`;
    return [{ field: `properties.profiles[${index}].rules`, message }];
  });
}

function passedOffsets(profile: unknown, index: number): readonly Problem[] {
  const fixedDate = memberOf(profile, 'fixedDate');
  return ['start', 'end'].flatMap((name) => {
    const time = memberOf(fixedDate, name);
    const offset = typeof time === 'string' ? /[+-]\d\d:?\d\d$/.exec(time.trim())?.[0] : undefined;
    if (offset === undefined || /^[+-]00:?00$/.test(offset)) return [];
    const message = `the offset ${offset} is passed over: the digits are what a clock in the timeZone shows`;
    return [{ field: `properties.profiles[${index}].fixedDate.${name}`, message }];
  });
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? (value[name] ?? undefined) : undefined;
}
