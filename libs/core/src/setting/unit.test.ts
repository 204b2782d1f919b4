import { expect, test } from '@jest/globals';
import { targetId } from '../lang/target.ts';
import { limitTarget } from './ai-account.ts';
import { amountText } from './unit.ts';

const accounts =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts';
const vision = targetId(`${accounts}/vision`);
const usages = '/subscriptions/s/providers/Microsoft.CognitiveServices/locations/we/usages';
const blue =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/chat/deployments/blue';

test.each([
  ['a limit', limitTarget(vision, 'default'), 14.7, '14.7 calls/s'],
  ['a limit', limitTarget(vision, 'default'), 1, '1 call/s'],
  ['every limit of an account', vision, 10, '10 calls/s'],
  ['a model deployment', targetId(`${accounts}/vision/deployments/chat`), 20, '20 units'],
  ['a quota pool', targetId(`${usages}/OpenAI.Standard.gpt-4o`), 1, '1 unit'],
  ['an online deployment', targetId(blue), 4, '4 instances'],
  ['an online deployment', targetId(blue), 1, '1 instance'],
  ['whatever else', targetId('/subscriptions/s'), 0, '0 instances'],
])('the capacity of %s', (_, target, amount, text) => {
  expect(amountText(target, amount)).toBe(text);
});
