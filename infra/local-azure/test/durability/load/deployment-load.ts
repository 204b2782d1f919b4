import { setTimeout as delay } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import type { LocalAzureEnvironment } from '../../../src/index.ts';
import { credential, deploymentBody, SUBSCRIPTION } from '../../arm/server.fixture.ts';
import type { Register } from '../recording.ts';
import type { Load, LoadContext } from './load.ts';
import { answerOf, persist } from './load.ts';

const [GROUP, WORKSPACE, ENDPOINT, NAME] = ['rg', 'kills', 'endpoint', 'blue'] as const;
const PATIENCE_MS = 60_000;
/** Many times what an operation takes. */
const FINISH_LIMIT_MS = 30_000;
const ASK_MS = 100;

/** One deployment that is scaled again and again: each operation must come to its end. */
export async function startDeploymentLoad(
  environment: LocalAzureEnvironment,
  context: LoadContext,
): Promise<Load> {
  const client = connect(environment);
  const location = 'westeurope';
  await client.workspaces.beginCreateOrUpdateAndWait(GROUP, WORKSPACE, { location });
  const endpoint = { location, properties: { authMode: 'Key' } };
  await client.onlineEndpoints.beginCreateOrUpdateAndWait(GROUP, WORKSPACE, ENDPOINT, endpoint);
  const register = context.recording.register('deployment');
  const created = deploymentBody(1);
  await client.onlineDeployments.beginCreateOrUpdate(GROUP, WORKSPACE, ENDPOINT, NAME, created);
  register.wrote(shown(1, '1'), 'acknowledged');
  return {
    sent: scaleAgainAndAgain(client, register, context),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function connect(environment: LocalAzureEnvironment): AzureMachineLearningWorkspaces {
  const { ARM_ENDPOINT: endpoint, ARM_TOKEN, NODE_EXTRA_CA_CERTS } = environment;
  return new AzureMachineLearningWorkspaces(credential(ARM_TOKEN), SUBSCRIPTION, {
    endpoint,
    tlsOptions: { ca: readFileSync(NODE_EXTRA_CA_CERTS) },
    // What is sent twice by the SDK would be refused the second time, as busy.
    retryOptions: { maxRetries: 0 },
  });
}

async function scaleAgainAndAgain(
  client: AzureMachineLearningWorkspaces,
  register: Register,
  context: LoadContext,
): Promise<void> {
  const { recording, ending } = context;
  const random = context.random('deployment');
  let capacity = 1;
  for (;;) {
    const state = await settled(client);
    if (state === undefined) recording.report('deployment', 'its operation never ended');
    else register.read(state);
    if (ending.aborted) return;
    capacity = (capacity % 9) + random.int(1, 5);
    const patch = client.onlineDeployments.beginUpdate(GROUP, WORKSPACE, ENDPOINT, NAME, {
      sku: { capacity },
    });
    const answer = await answerOf(patch, PATIENCE_MS);
    const outcome = answer === undefined ? 'unknown' : 'acknowledged';
    register.wrote(shown(capacity, String(capacity)), outcome);
  }
}

/** The deployment when no operation runs on it (any more); undefined when one runs for ever. */
async function settled(client: AzureMachineLearningWorkspaces): Promise<string | undefined> {
  const endsAt = Date.now() + FINISH_LIMIT_MS;
  while (Date.now() < endsAt) {
    const { sku, properties } = await persist('the deployment', () =>
      client.onlineDeployments.get(GROUP, WORKSPACE, ENDPOINT, NAME),
    );
    if (properties.provisioningState === 'Succeeded') {
      return shown(sku?.capacity, properties.properties?.['readyInstances']);
    }
    await delay(ASK_MS);
  }
  return undefined;
}

const shown = (capacity: number | undefined, ready: string | null | undefined): string =>
  `capacity ${capacity ?? 'none'}, ${ready ?? 'none'} ready`;
