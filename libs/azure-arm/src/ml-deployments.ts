import type { AzureMachineLearningWorkspaces, OnlineDeployment } from '@azure/arm-machinelearning';
import type { TargetId } from '@headroom/core';
import type {
  CapacityReading,
  OperationProgress,
  ProviderRefusal,
  ScaleReply,
  ScaleTarget,
} from '@headroom/ports';
import { listen } from './answers.ts';
import { classify, failureOf } from './errors.ts';
import type { Classified } from './errors.ts';
import { decodeHandle, encodeHandle } from './handle.ts';
import { endpointKey, parseMlDeploymentId } from './ml-deployment-id.ts';
import type { MlDeploymentId } from './ml-deployment-id.ts';

type Clients = (subscription: string) => AzureMachineLearningWorkspaces;

/** The pause where ARM names none. */
const pauseMs = 5_000;

/** Managed online deployments of Azure Machine Learning: the capacity is `sku.capacity`, instances. */
export function mlDeployments(clients: Clients): ScaleTarget {
  return {
    exclusionKey: (target) => {
      const id = parseMlDeploymentId(target);
      return id === undefined ? undefined : endpointKey(id);
    },
    read: (target) => read(clients, idOf(target)),
    scale: (target, to) => scale(clients, target, to),
    poll: (operation) => poll(clients, operation),
  };
}

async function read(clients: Clients, id: MlDeploymentId): Promise<CapacityReading> {
  const { last, options } = listen();
  try {
    const deployment = await get(clients, id, options);
    const instances = deployment.sku?.capacity;
    if (instances === undefined) {
      return { kind: 'notFound', detail: 'Its sku has no capacity: it is not a managed one.' };
    }
    return { kind: 'capacity', instances, busy: stateOf(deployment) === 'busy' };
  } catch (error) {
    const found = unlessUnavailable(classify(error, last()));
    return { kind: 'notFound', detail: found.detail };
  }
}

/**
 * PATCH of the capacity, without waiting for its end. The SDK looks once at the operation that it started; when that look
 * fails although the request was taken, the caller learns of it as `ProviderUnavailable` and finds the effect later.
 */
async function scale(clients: Clients, target: TargetId, to: number): Promise<ScaleReply> {
  const { last, options } = listen();
  try {
    const poller = await begin(clients, idOf(target), to, options);
    // Done at once: there is no operation, and the deployment itself says how it is.
    const state = poller.isDone() ? undefined : poller.toString();
    const operation = encodeHandle({ target, to, ...(state === undefined ? {} : { state }) });
    return { kind: 'accepted', operation, retryAfterMs: last()?.retryAfterMs ?? pauseMs };
  } catch (error) {
    const found = unlessUnavailable(classify(error, last()));
    switch (found.kind) {
      case 'notFound':
        return rejected('ResourceNotFound', found.detail);
      case 'busy':
        return { ...found, retryAfterMs: found.retryAfterMs ?? pauseMs };
      case 'refused':
        return found;
    }
  }
}

async function poll(clients: Clients, operation: string): Promise<OperationProgress> {
  const { target, to, state } = decodeHandle(operation);
  const id = idOf(target);
  if (state === undefined) return progressOf(clients, id);
  const { last, options } = listen();
  try {
    const poller = await begin(clients, id, to, { ...options, resumeFrom: state });
    if (poller.isDone()) return { kind: 'succeeded' };
    return { kind: 'running', retryAfterMs: last()?.retryAfterMs ?? pauseMs };
  } catch (error) {
    const answer = last();
    const found = classify(error, answer);
    // ARM forgets operations after a while, and the address in the handle may be gone with its server: then the
    // deployment says how it went.
    const isGone = found.kind === 'unavailable' && answer === undefined;
    if (found.kind === 'notFound' || isGone) return progressOf(clients, id, options.abortSignal);
    if (found.kind === 'unavailable') throw found.error;
    if (found.kind === 'busy') return { kind: 'running', retryAfterMs: pauseMs };
    return found;
  }
}

/** How the last operation on the deployment went, by the deployment itself. */
async function progressOf(
  clients: Clients,
  id: MlDeploymentId,
  signal?: AbortSignal,
): Promise<OperationProgress> {
  const { last, options } = listen(signal);
  try {
    const deployment = await get(clients, id, options);
    switch (stateOf(deployment)) {
      case 'busy':
        return { kind: 'running', retryAfterMs: pauseMs };
      case 'idle':
        return { kind: 'succeeded' };
      case 'failed':
        return failureOf({
          code: 'OperationFailed',
          message: 'The deployment is in state Failed.',
        });
    }
  } catch (error) {
    const found = unlessUnavailable(classify(error, last()));
    return rejected('ResourceNotFound', found.detail);
  }
}

/** Sends the PATCH, or takes up the operation of an earlier one with a single look. */
function begin(
  clients: Clients,
  id: MlDeploymentId,
  to: number,
  options: ReturnType<typeof listen>['options'] & { readonly resumeFrom?: string },
) {
  const { onlineDeployments } = clients(id.subscription);
  const body = { sku: { capacity: to } };
  const { resourceGroup, workspace, endpoint, deployment } = id;
  return onlineDeployments.beginUpdate(
    resourceGroup,
    workspace,
    endpoint,
    deployment,
    body,
    options,
  );
}

function get(
  clients: Clients,
  { subscription, resourceGroup, workspace, endpoint, deployment }: MlDeploymentId,
  options: ReturnType<typeof listen>['options'],
): Promise<OnlineDeployment> {
  const { onlineDeployments } = clients(subscription);
  return onlineDeployments.get(resourceGroup, workspace, endpoint, deployment, options);
}

/** Microsoft has no table of the states that refuse a PATCH: every one that is not an end counts as busy. */
function stateOf(deployment: OnlineDeployment): 'idle' | 'failed' | 'busy' {
  switch (deployment.properties.provisioningState) {
    case 'Succeeded':
    case undefined:
      return 'idle';
    case 'Failed':
    case 'Canceled':
      return 'failed';
    default:
      return 'busy';
  }
}

function unlessUnavailable(found: Classified): Exclude<Classified, { kind: 'unavailable' }> {
  if (found.kind === 'unavailable') throw found.error;
  return found;
}

function rejected(code: string, detail: string): ProviderRefusal {
  return { kind: 'refused', outcome: 'Rejected', code, detail };
}

function idOf(target: string): MlDeploymentId {
  const id = parseMlDeploymentId(target);
  if (id === undefined) throw new TypeError(`${target} is no managed online deployment`);
  return id;
}
