import type { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { mlClients } from './access.ts';
import type { ArmOptions } from './access.ts';
import { exists, inWords, lookEveryMs } from './creating.ts';
import type { MlDeploymentId } from './ml-deployment-id.ts';

export interface NewMlDeployment extends MlDeploymentId {
  readonly location: string;
  /** `Standard_DS3_v2` for example. */
  readonly instanceType: string;
  readonly instances: number;
}

/**
 * Makes the deployment and what it stands in, where they are missing; one that is there stays as it is. Waits until it is
 * provisioned. Meant for the embedded Azure, whose workspaces need nothing but a name: a real one comes from `az ml`.
 *
 * @throws ProviderUnavailable, Error with ARM's code and reason
 */
export async function createMlDeployment(
  wish: NewMlDeployment,
  options: ArmOptions,
): Promise<'created' | 'found'> {
  const client = await mlClients(options)(wish.subscription);
  if (await exists(() => getDeployment(client, wish))) return 'found';
  const name = `${wish.endpoint}/${wish.deployment}`;
  await inWords(name, () => createParents(client, wish));
  await inWords(name, () => create(client, wish));
  return 'created';
}

async function createParents(
  client: AzureMachineLearningWorkspaces,
  { resourceGroup, workspace, endpoint, location }: NewMlDeployment,
): Promise<void> {
  const identity = { type: 'SystemAssigned' };
  const waiting = { updateIntervalInMs: lookEveryMs };
  if (!(await exists(() => client.workspaces.get(resourceGroup, workspace)))) {
    const body = { location, identity };
    await client.workspaces.beginCreateOrUpdateAndWait(resourceGroup, workspace, body, waiting);
  }
  if (await exists(() => client.onlineEndpoints.get(resourceGroup, workspace, endpoint))) return;
  const body = { location, identity, properties: { authMode: 'Key' } };
  await client.onlineEndpoints.beginCreateOrUpdateAndWait(
    resourceGroup,
    workspace,
    endpoint,
    body,
    waiting,
  );
}

async function create(
  client: AzureMachineLearningWorkspaces,
  wish: NewMlDeployment,
): Promise<void> {
  const { resourceGroup, workspace, endpoint, deployment, location, instanceType } = wish;
  await client.onlineDeployments.beginCreateOrUpdateAndWait(
    resourceGroup,
    workspace,
    endpoint,
    deployment,
    {
      location,
      sku: { name: 'Default', capacity: wish.instances },
      properties: { endpointComputeType: 'Managed', instanceType },
    },
    { updateIntervalInMs: lookEveryMs },
  );
}

function getDeployment(client: AzureMachineLearningWorkspaces, id: MlDeploymentId) {
  const { resourceGroup, workspace, endpoint, deployment } = id;
  return client.onlineDeployments.get(resourceGroup, workspace, endpoint, deployment);
}
