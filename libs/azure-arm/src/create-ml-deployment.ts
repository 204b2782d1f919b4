import type { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { ProviderUnavailable } from '@headroom/ports';
import { mlClients } from './access.ts';
import type { ArmOptions } from './access.ts';
import { classify } from './errors.ts';
import type { MlDeploymentId } from './ml-deployment-id.ts';

export interface NewMlDeployment extends MlDeploymentId {
  readonly location: string;
  /** `Standard_DS3_v2` for example. */
  readonly instanceType: string;
  readonly instances: number;
}

/** How often the SDK looks at what it creates, where ARM names no pause. */
const lookEveryMs = 250;

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
  const client = mlClients(options)(wish.subscription);
  if (await exists(() => getDeployment(client, wish))) return 'found';
  await inWords(wish, () => createParents(client, wish));
  await inWords(wish, () => create(client, wish));
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

async function exists(get: () => Promise<unknown>): Promise<boolean> {
  try {
    await get();
    return true;
  } catch (error) {
    const found = classify(error);
    if (found.kind === 'notFound') return false;
    throw found.kind === 'unavailable' ? found.error : error;
  }
}

async function inWords(wish: NewMlDeployment, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (error instanceof ProviderUnavailable) throw error;
    const found = classify(error);
    if (found.kind === 'unavailable') throw found.error;
    const code = found.kind === 'refused' ? `${found.code}: ` : '';
    const name = `${wish.endpoint}/${wish.deployment}`;
    throw new Error(`could not create ${name}. ${code}${found.detail}`, { cause: error });
  }
}
