import {
  operators,
  scaleActionTypes,
  statistics,
  targetId,
  timeAggregations,
} from '@headroom/core';
import { z } from 'zod';
import { dimensionValueLengthMax } from '../vocabulary/setting.ts';
import { armId, choice, count, duration, flag, text, textOrNothing } from './members.ts';
import type { Soft } from './members.ts';

/** Most dimensions of a rule, and most values of a dimension. */
const dimensionsMax = 20;
const dimensionValuesMax = 100;

export function ruleSchema(soft: Soft) {
  return z.object(
    { metricTrigger: triggerSchema(soft), scaleAction: actionSchema(soft) },
    'expected a rule: {"metricTrigger":…,"scaleAction":…}',
  );
}

function triggerSchema(soft: Soft) {
  return z.object(
    {
      metricName: soft(text('the name of a metric'), ''),
      metricNamespace: soft(textOrNothing.nullish(), undefined),
      metricResourceUri: soft(armId('the id of the resource that emits the metric'), targetId('')),
      metricResourceLocation: soft(z.string('expected text').nullish(), undefined),
      timeGrain: soft(duration, Number.NaN),
      statistic: soft(choice(statistics), 'Average'),
      timeWindow: soft(duration, Number.NaN),
      timeAggregation: soft(choice(timeAggregations), 'Average'),
      operator: soft(choice(operators), 'GreaterThan'),
      threshold: soft(z.number('expected a finite number'), Number.NaN),
      dimensions: soft(
        z.array(dimensionSchema(soft), 'expected a list').max(dimensionsMax).nullish(),
        undefined,
      ),
      dividePerInstance: soft(flag.nullish(), undefined),
    },
    'expected the metric that the rule looks at',
  );
}

function dimensionSchema(soft: Soft) {
  return z.object(
    {
      DimensionName: soft(text('the name of a dimension'), ''),
      Operator: soft(choice(['Equals', 'NotEquals']), 'Equals'),
      Values: soft(
        z
          .array(z.string('expected text').max(dimensionValueLengthMax), 'expected a list of texts')
          .min(1, 'empty: give at least one value')
          .max(dimensionValuesMax),
        [],
      ),
    },
    'expected a dimension: {"DimensionName":…,"Operator":…,"Values":[…]}',
  );
}

function actionSchema(soft: Soft) {
  return z.object(
    {
      direction: soft(choice(['Increase', 'Decrease', 'None']), 'None'),
      type: soft(choice(scaleActionTypes), 'ChangeCount'),
      value: soft(
        count.nullish().transform((value) => value ?? 1),
        Number.NaN,
      ),
      cooldown: soft(duration, Number.NaN),
    },
    'expected what the rule does',
  );
}
