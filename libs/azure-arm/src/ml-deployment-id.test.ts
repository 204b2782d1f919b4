import { describe, expect, test } from '@jest/globals';
import { endpointKey, parseMlDeploymentId } from './ml-deployment-id.ts';
import { decodeHandle, encodeHandle } from './handle.ts';
import { targetId } from '@headroom/core';

const workspace =
  '/subscriptions/S/resourceGroups/G/providers/Microsoft.MachineLearningServices/workspaces/W';
const deployment = `${workspace}/onlineEndpoints/E/deployments/blue`;

describe('the id of a managed online deployment', () => {
  test('is read in any case', () => {
    const parts = { subscription: 'S', resourceGroup: 'G', workspace: 'W', endpoint: 'E' };
    expect(parseMlDeploymentId(deployment)).toEqual({ ...parts, deployment: 'blue' });
    expect(parseMlDeploymentId(deployment.toUpperCase())).toMatchObject({ deployment: 'BLUE' });
  });

  test('names its endpoint in one case', () => {
    const [mixed, lower] = [deployment, deployment.toLowerCase()].map(parseMlDeploymentId);
    expect(endpointKey(mixed!)).toBe(endpointKey(lower!));
  });

  test.each([
    workspace,
    `${workspace}/onlineEndpoints/E`,
    `${workspace}/batchEndpoints/E/deployments/blue`,
    `${deployment}/skus`,
    '/subscriptions/S/resourceGroups/G/providers/Microsoft.CognitiveServices/accounts/A',
    '',
  ])('is not %p', (id) => {
    expect(parseMlDeploymentId(id)).toBeUndefined();
  });
});

describe('the handle of an operation', () => {
  test('comes back as it was', () => {
    const handle = { target: targetId(deployment), to: 3, state: '{"state":{}}' };
    expect(decodeHandle(encodeHandle(handle))).toEqual(handle);
  });

  test.each(['{}', '[]', '{"target":1,"to":2}'])('is not %p', (text) => {
    expect(() => decodeHandle(text)).toThrow(TypeError);
  });
});
