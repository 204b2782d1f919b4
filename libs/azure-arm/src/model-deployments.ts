import type { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import type { ScaleTarget } from '@headroom/ports';
import type { Clients } from './access.ts';
import { accountKey, parseModelDeploymentId } from './ai-ids.ts';
import { deployments } from './deployments.ts';

/**
 * Deployments of models in Azure AI services: the capacity is units of the model's quota, thousands of tokens a minute for
 * most, and an account's change one at a time.
 */
export function modelDeployments(clients: Clients<CognitiveServicesManagementClient>): ScaleTarget {
  return deployments({
    parse: parseModelDeploymentId,
    exclusionKey: accountKey,
    get: async ({ subscription, resourceGroup, account, deployment }, options) => {
      const client = await clients(subscription);
      const found = await client.deployments.get(resourceGroup, account, deployment, options);
      const { sku, properties } = found;
      return { capacity: sku?.capacity, provisioningState: properties?.provisioningState };
    },
    begin: async ({ subscription, resourceGroup, account, deployment }, to, options) => {
      const client = await clients(subscription);
      const path = [resourceGroup, account, deployment] as const;
      // ARM wants the name of the SKU beside its capacity; an operation that is taken up sends nothing.
      const { sku } =
        options.resumeFrom === undefined ? await client.deployments.get(...path, options) : {};
      const body = { sku: { name: sku?.name ?? '', capacity: to } };
      return client.deployments.beginUpdate(...path, body, options);
    },
  });
}
