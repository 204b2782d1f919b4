/** Assessments as they come of a month of minutes, with one of every kind of finding; made by a small engine, always the same. */
import { targetId } from '@headroom/core';
import type { LintFinding, Profile } from '@headroom/core';
import type { Assessment } from '@headroom/scenario';
import type { ReportAbout } from './about.ts';
import {
  minuteMs,
  dayMinutes,
  begin,
  settingOf,
  minute,
  live,
  samplesOf,
} from './lived.fixture.ts';
import type { Story } from './lived.fixture.ts';
import { actionOf, missedOf, holdsOf, backtestOf } from './told.fixture.ts';

export function aboutDays(days: number): ReportAbout {
  return {
    subscription: '5f3c2a10-7d1e-4b7a-9a55-0d2f6b1c9e44',
    resourceGroup: 'rg-inference-prod',
    from: begin,
    to: minute(days * dayMinutes),
    generatedAt: minute(days * dayMinutes + 12),
    calls: 412,
    version: '0.1.0',
  };
}

/** Fifty settings, alike and yet not, with the special ones among them. */
export function fleetOf(count: number, days: number): readonly Assessment[] {
  const names = ['chat', 'search', 'vision', 'rank', 'embed', 'speech', 'moderate', 'translate'];
  const many = Array.from({ length: Math.max(0, count - 5) }, (_, index) => {
    return assessed({
      name: `autoscale-${names[index % names.length] ?? ''}-${index + 1}`,
      days,
      seed: index + 10,
      height: 2 + (index % 7),
      maximum: index % 5 === 0 ? 5 : 12,
      hasNights: index % 4 === 1,
      hasQueue: index % 3 === 0,
    });
  });
  return [...many, busy(days), refused(days), quiet(days), empty(), hostile(Math.min(days, 2))];
}

/** One of every kind of finding. */
export function busy(days: number): Assessment {
  return assessed({
    name: 'autoscale-chat-blue',
    days,
    seed: 1,
    height: 7,
    maximum: 6,
    hasNights: true,
    hasQueue: true,
    findings: [lintError, lintWarning, lintNote],
    gaps: ['Azure keeps no metric of 3 Nov 02:10 to 02:40: these minutes count as missing.'],
  });
}

export function refused(days: number): Assessment {
  const why =
    'RequestLatency_P99 of /subscriptions/5f3c2a10/resourcegroups/rg-inference-production-westeurope/providers/microsoft.machinelearningservices does not follow the number of instances by itself, and the fitted model misses its held-out data by 41 % (at most 15 %): give a load model, or compare on CpuUtilizationPercentage.';
  return assessed({ name: 'autoscale-rank', days, seed: 2, height: 4, maximum: 10, refused: why });
}

/** Nothing happened. */
export function quiet(days: number): Assessment {
  const story = { name: 'autoscale-idle', days, seed: 3, height: 0.6, maximum: 10 };
  return assessed(story);
}

/** A setting of which nothing is on record. */
export function empty(): Assessment {
  const setting = settingOf({ name: 'autoscale-new', days: 1, seed: 0, height: 1, maximum: 4 });
  const [from, to] = [begin, minute(30 * dayMinutes)];
  return {
    history: {
      setting,
      settingId: `/subscriptions/s/providers/microsoft.insights/autoscalesettings/${setting.name}`,
      from,
      to,
      samples: [],
      capacities: [],
      events: [],
      observed: [],
      gaps: [
        'The resource of CpuUtilizationPercentage was not found: it was deleted, or the role Monitoring Reader is missing on it.',
      ],
    },
    dataAgeMs: minuteMs,
    actions: [],
    missed: [],
    holds: [],
    findings: [],
    backtest: { kind: 'refused', why: 'There is no sample of any metric that its rules read.' },
  };
}

export const hostileText = `<script>alert("1")</script>' onload='x' \u202Etxt.exe\u202C \u200F&amp;`;

/** Whoever names a resource may write anything. */
export function hostile(days: number): Assessment {
  const one = assessed({
    name: hostileText,
    days,
    seed: 4,
    height: 6,
    maximum: 5,
    findings: [{ ...lintError, title: hostileText, why: hostileText, fix: hostileText }],
    gaps: [hostileText],
    refused: hostileText,
  });
  const rename = (profile: Profile): Profile => ({
    ...profile,
    name: hostileText,
    rules: profile.rules.map((rule) => ({
      ...rule,
      trigger: { ...rule.trigger, metricName: hostileText },
    })),
  });
  const { setting } = one.history;
  const target = targetId(`${setting.target}${hostileText}`);
  const profiles = setting.profiles.map(rename);
  return { ...one, history: { ...one.history, setting: { ...setting, target, profiles } } };
}

const lintError: LintFinding = {
  rule: 'thresholds-flap',
  severity: 'error',
  field: 'properties.profiles[0].rules[1].metricTrigger.threshold',
  title: 'A scale-in to 2 instances fires the scale-out rule at once',
  why: 'At 3 instances and CpuUtilizationPercentage 55 the rule for scaling in fires; with 2 instances the value would be 82.5, which is over 70.',
  fix: 'Lower the threshold for scaling in to 46 or less.',
};
const lintWarning: LintFinding = {
  rule: 'cooldown-shorter-than-window',
  severity: 'warning',
  field: 'properties.profiles[0].rules[0].scaleAction.cooldown',
  title:
    'The cooldown of microsoft.machinelearningservices/workspaces/onlineendpoints/deployments ends before the window has seen the new instances',
  why: 'Five minutes after an action the window of ten minutes still holds five minutes from before it.',
  fix: 'Make the cooldown at least as long as the window: PT10M.',
};
const lintNote: LintFinding = {
  rule: 'default-above-minimum',
  severity: 'note',
  field: 'properties.profiles[0].capacity.default',
  title: 'The default of 2 is above the minimum of 1',
  why: 'When metrics cannot be read it is raised to 2, never lowered.',
  fix: 'Nothing, if that is meant.',
};

export function assessed(story: Story): Assessment {
  const setting = settingOf(story);
  const azure = live(story, setting, 4);
  const [from, to] = [begin, minute(story.days * dayMinutes)];
  const actions = azure.changes.map((change, order) => actionOf(setting, azure, change, order));
  return {
    history: {
      setting,
      settingId: `/subscriptions/s/providers/microsoft.insights/autoscalesettings/${setting.name}`,
      from,
      to,
      samples: samplesOf(story, setting, azure),
      capacities: azure.capacities,
      events: [],
      observed: [],
      gaps: story.gaps ?? [],
    },
    dataAgeMs: (2 + (story.seed % 3)) * minuteMs,
    actions,
    missed: missedOf(story, setting, azure),
    holds: holdsOf(setting, azure),
    findings: story.findings ?? [],
    instanceHours: azure.instances.reduce((sum, count) => sum + count, 0) / 60,
    backtest: backtestOf(story, setting),
  };
}
