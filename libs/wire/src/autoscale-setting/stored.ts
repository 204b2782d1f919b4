import { operators, scaleActionTypes, statistics, timeAggregations } from '@headroom/core';
import type { Problem } from '@headroom/core';
import { fieldOf, isObject } from '../json.ts';
import { durationMs } from './duration.ts';
import { respelt } from './member-names.ts';

/** A document as it would be written today, and what was lost on the way. */
export interface Rewritten {
  readonly document: unknown;
  readonly warnings: readonly Problem[];
}

type Rewrite = (member: unknown, path: readonly PropertyKey[], warnings: Problem[]) => unknown;

/**
 * What Azure stored may not be what Azure would take today. Members and values are read in any case, durations as
 * Azure's command line of some years wrote them, percentiles as the nearest statistic that there is; members that
 * decide nothing are not looked at.
 */
export function rewritten(document: unknown): Rewritten {
  const warnings: Problem[] = [];
  const whole = respelt(document, 'all');
  if (!isObject(whole)) return { document: whole, warnings };
  const { id, name } = whole;
  const properties = propertiesRewrite(whole['properties'], ['properties'], warnings);
  return { document: { id, name, properties }, warnings };
}

function members(rewrites: Readonly<Record<string, Rewrite>>): Rewrite {
  const all = Object.entries(rewrites);
  return (value, path, warnings) => {
    if (!isObject(value)) return value;
    const changed: Record<string, unknown> = { ...value };
    for (const [name, rewrite] of all) {
      if (Object.hasOwn(value, name))
        changed[name] = rewrite(value[name], [...path, name], warnings);
    }
    return changed;
  };
}

function each(rewrite: Rewrite): Rewrite {
  return (value, path, warnings) => {
    if (!Array.isArray(value)) return value;
    return value.map((entry, index) => rewrite(entry, [...path, index], warnings));
  };
}

function inCaseOf(names: readonly string[]): Rewrite {
  return (value) => {
    if (typeof value !== 'string' || names.includes(value)) return value;
    const wanted = value.trim().toLowerCase();
    return names.find((name) => name.toLowerCase() === wanted) ?? value;
  };
}

/**
 * Azure's logs show Percentile99th, which its schema does not have. The maximum is at least as high, in either
 * direction the careful side.
 */
const statisticRewrite: Rewrite = (value, path, warnings) => {
  const percentile = typeof value === 'string' ? /^percentile(\d\d)/i.exec(value)?.[1] : undefined;
  if (percentile === undefined || Number(percentile) < 50) {
    return inCaseOf(statistics)(value, path, warnings);
  }
  const message = `${String(value)} is not in Azure's schema: it is read as Max`;
  warnings.push({ field: fieldOf(path), message });
  return 'Max';
};

/** Longest duration that is repaired. */
const repairLengthMax = 64;

/** `PT5M1H` for 1h5m and `P2DT` for 2d: Azure's command line wrote minutes before hours, and T before nothing. */
const durationRewrite: Rewrite = (value) => {
  if (typeof value !== 'string' || value.length > repairLengthMax) return value;
  if (durationMs(value) !== undefined) return value;
  const [, days = '', times = ''] = /^P(\d+D)?T((?:\d+[HMS])*)$/i.exec(value.trim()) ?? [];
  const parts = ['H', 'M', 'S'].map(
    (unit) => new RegExp(`\\d+${unit}`, 'i').exec(times)?.[0] ?? '',
  );
  const time = parts.join('');
  const repaired = `P${days}${time === '' ? '' : `T${time}`}`;
  return durationMs(repaired) !== undefined && time.length === times.length ? repaired : value;
};

const propertiesRewrite = members({
  notifications: () => undefined,
  predictiveAutoscalePolicy: () => undefined,
  profiles: each(
    members({
      recurrence: members({ frequency: inCaseOf(['Week']) }),
      rules: each(
        members({
          metricTrigger: members({
            statistic: statisticRewrite,
            timeAggregation: inCaseOf(timeAggregations),
            operator: inCaseOf(operators),
            timeGrain: durationRewrite,
            timeWindow: durationRewrite,
            dimensions: each(members({ Operator: inCaseOf(['Equals', 'NotEquals']) })),
          }),
          scaleAction: members({
            direction: inCaseOf(['Increase', 'Decrease', 'None']),
            type: inCaseOf(scaleActionTypes),
            cooldown: durationRewrite,
          }),
        }),
      ),
    }),
  ),
});
