import { expect, test } from '@jest/globals';
import { targetId } from '../lang/target.ts';
import { limitTarget } from '../setting/ai-account.ts';
import { settingTargetOf } from './setting-target.ts';

const accounts =
  '/subscriptions/S/resourceGroups/RG/providers/Microsoft.CognitiveServices/accounts';
const vision = targetId(`${accounts}/vision`);
const chat = targetId(`${accounts}/vision/deployments/chat`);
const pool =
  '/subscriptions/S/providers/Microsoft.CognitiveServices/locations/we/usages/OpenAI.Standard.gpt-4o';

test.each([
  ['a limit: its account', limitTarget(vision, 'default'), `${accounts}/vision`, vision],
  ['a deployment in a pool: the pool', chat, pool, targetId(pool)],
  ['a pool: itself', targetId(pool), pool, targetId(pool)],
  ['a deployment under an autoscale setting: itself', chat, 'chat-autoscale', chat],
])('the setting of %s', (_, target, id, expected) => {
  expect(settingTargetOf({ target, setting: { id, version: 1 } })).toBe(expected);
});
