import type { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import type { ScaleTarget } from '@headroom/ports';
import type { Clients } from './access.ts';
import { deployments } from './deployments.ts';
import { endpointKey, parseMlDeploymentId } from './ml-deployment-id.ts';

/** Managed online deployments of Azure Machine Learning: the capacity is instances, and an endpoint's change one at a time. */
export function mlDeployments(clients: Clients<AzureMachineLearningWorkspaces>): ScaleTarget {
  return deployments({
    parse: parseMlDeploymentId,
    exclusionKey: endpointKey,
    get: async ({ subscription, resourceGroup, workspace, endpoint, deployment }, options) => {
      const { onlineDeployments } = await clients(subscription);
      const path = [resourceGroup, workspace, endpoint, deployment] as const;
      const { sku, properties } = await onlineDeployments.get(...path, options);
      return { capacity: sku?.capacity, provisioningState: properties.provisioningState };
    },
    begin: async (
      { subscription, resourceGroup, workspace, endpoint, deployment },
      to,
      options,
    ) => {
      const { onlineDeployments } = await clients(subscription);
      const path = [resourceGroup, workspace, endpoint, deployment] as const;
      return onlineDeployments.beginUpdate(...path, { sku: { capacity: to } }, options);
    },
  });
}
