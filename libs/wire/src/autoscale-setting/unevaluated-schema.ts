import { minuteMs } from '@headroom/core';
import { z } from 'zod';
import { choice, duration, listLengthMax } from './members.ts';

// Members of Azure's schema that decide nothing here. They are kept with the setting, and checked
// as Azure checks them: what is applied here is accepted there.

const tagsMax = 15;
const tagKeyLengthMax = 128;
const tagValueLengthMax = 256;

export const tagsSchema = z
  .record(
    z.string().max(tagKeyLengthMax, `a key longer than ${tagKeyLengthMax} characters`),
    z.string('expected text').max(tagValueLengthMax, `longer than ${tagValueLengthMax} characters`),
    'expected an object of texts',
  )
  .refine((tags) => Object.keys(tags).length <= tagsMax, `more than ${tagsMax} tags`);

const retired = z.literal(
  false,
  'must be false: Azure retired its classic administrators; name people in customEmails',
);

const webhook = z.object(
  {
    serviceUri: z
      .string('expected the address to call')
      .refine(isWebAddress, 'expected an address such as https://example.com/hook'),
    properties: z.record(z.string(), z.string('expected text'), 'expected texts').nullish(),
  },
  'expected {"serviceUri":…}',
);

const notification = z.object(
  {
    operation: z
      .string('expected Scale')
      .refine((operation) => operation.toLowerCase() === 'scale', 'must be Scale'),
    email: z
      .object(
        {
          sendToSubscriptionAdministrator: retired.nullish(),
          sendToSubscriptionCoAdministrators: retired.nullish(),
          customEmails: z.array(z.string('expected an address')).max(listLengthMax).nullish(),
        },
        'expected {"customEmails":[…]}',
      )
      .nullish(),
    webhooks: z.array(webhook, 'expected a list').max(listLengthMax).nullish(),
  },
  'expected a notification',
);

export const notificationsSchema = z.array(notification, 'expected a list').max(listLengthMax);

const lookAheadText = 'expected 1 to 60 minutes, PT1M to PT1H';

export const predictivePolicySchema = z.object(
  {
    scaleMode: choice(['Disabled', 'ForecastOnly', 'Enabled']),
    scaleLookAheadTime: duration
      .refine((ms) => ms >= minuteMs && ms <= 60 * minuteMs, lookAheadText)
      .nullish(),
  },
  'expected {"scaleMode":…}',
);

function isWebAddress(address: string): boolean {
  return /^https?:$/.test(URL.parse(address)?.protocol ?? '');
}
