import { dividesPerInstance, durationText, operatorSigns } from '@headroom/core';
import type { MetricTrigger, Rule } from '@headroom/core';
import { valueText } from './words.ts';

/** `> 70: out by 2`. */
export function ruleText({ trigger, action }: Rule): string {
  return `${comparisonText(trigger)}: ${actionText(action)}`;
}

function comparisonText({ operator, threshold }: MetricTrigger): string {
  return `${operatorSigns[operator]} ${valueText(threshold)}`;
}

function actionText({ direction, type, value }: Rule['action']): string {
  const way = direction === 'Increase' ? 'out' : 'in';
  if (direction === 'None') return 'nothing';
  switch (type) {
    case 'ChangeCount':
      return `${way} by ${value}`;
    case 'PercentChangeCount':
      return `${way} by ${value} %`;
    case 'ExactCount':
      return `${way} to ${value}`;
    case 'ServiceAllowedNextValue':
      return `${way} to the next count allowed`;
  }
}

/** How the values of a window become one: `average of 10 min`, and whatever is not Azure's usual beside it. */
export function windowText(trigger: MetricTrigger): string {
  const { statistic, timeAggregation, timeWindowMs } = trigger;
  const across = statistic === 'Average' ? '' : `, ${statistic.toLowerCase()} of the instances`;
  const divided = dividesPerInstance(trigger) ? ', per instance' : '';
  return `${timeAggregation.toLowerCase()} of ${durationText(timeWindowMs)}${across}${divided}`;
}
