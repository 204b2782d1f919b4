import type { TargetId } from '@headroom/core';
import type {
  CapacityReading,
  OperationProgress,
  ProviderRefusal,
  ScaleReply,
  ScaleTarget,
} from '@headroom/ports';
import { listen } from './answers.ts';
import type { Listener } from './answers.ts';
import { classify, failureOf } from './errors.ts';
import type { Classified } from './errors.ts';
import { decodeHandle, encodeHandle } from './handle.ts';

/** One kind of deployment: whose capacity is `sku.capacity`, and changes by a PATCH that begins an operation. */
export interface DeploymentKind<Id> {
  /** Absent where the id names something else. */
  readonly parse: (target: TargetId) => Id | undefined;
  /** What takes one operation at a time. */
  readonly exclusionKey: (id: Id) => string;
  readonly get: (id: Id, options: CallOptions) => Promise<Deployment>;
  /** Sends the PATCH, or with `resumeFrom` takes up the operation of an earlier one, and looks at it once. */
  readonly begin: (id: Id, to: number, options: BeginOptions) => Promise<Poller>;
}

/** What both SDKs show of a deployment. */
export interface Deployment {
  readonly capacity: number | undefined;
  readonly provisioningState: string | undefined;
}

export type CallOptions = Listener['options'];
export type BeginOptions = CallOptions & { readonly resumeFrom?: string };

/** What both SDKs answer to the beginning of an operation. */
export interface Poller {
  isDone(): boolean;
  /** To go on with, here or elsewhere. */
  toString(): string;
}

/** The pause where ARM names none. */
const pauseMs = 5_000;

export function deployments<Id>(kind: DeploymentKind<Id>): ScaleTarget {
  return {
    exclusionKey: (target) => {
      const id = kind.parse(target);
      return id === undefined ? undefined : kind.exclusionKey(id);
    },
    read: (target) => read(kind, idOf(kind, target)),
    scale: (target, to) => scale(kind, target, to),
    poll: (operation) => poll(kind, operation),
  };
}

async function read<Id>(kind: DeploymentKind<Id>, id: Id): Promise<CapacityReading> {
  const { last, options } = listen();
  try {
    const deployment = await kind.get(id, options);
    const instances = deployment.capacity;
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
async function scale<Id>(
  kind: DeploymentKind<Id>,
  target: TargetId,
  to: number,
): Promise<ScaleReply> {
  const { last, options } = listen();
  try {
    const poller = await kind.begin(idOf(kind, target), to, options);
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

async function poll<Id>(kind: DeploymentKind<Id>, operation: string): Promise<OperationProgress> {
  const { target, to, state } = decodeHandle(operation);
  const id = idOf(kind, target);
  if (state === undefined) return progressOf(kind, id);
  const { last, options } = listen();
  try {
    const poller = await kind.begin(id, to, { ...options, resumeFrom: state });
    if (poller.isDone()) return { kind: 'succeeded' };
    return { kind: 'running', retryAfterMs: last()?.retryAfterMs ?? pauseMs };
  } catch (error) {
    const answer = last();
    const found = classify(error, answer);
    // ARM forgets operations after a while, and the address in the handle may be gone with its server: then the
    // deployment says how it went.
    const isGone = found.kind === 'unavailable' && answer === undefined;
    if (found.kind === 'notFound' || isGone) return progressOf(kind, id, options.abortSignal);
    if (found.kind === 'unavailable') throw found.error;
    if (found.kind === 'busy') return { kind: 'running', retryAfterMs: pauseMs };
    return found;
  }
}

/** How the last operation on the deployment went, by the deployment itself. */
async function progressOf<Id>(
  kind: DeploymentKind<Id>,
  id: Id,
  signal?: AbortSignal,
): Promise<OperationProgress> {
  const { last, options } = listen(signal);
  try {
    const deployment = await kind.get(id, options);
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

/** Microsoft has no table of the states that refuse a PATCH: every one that is not an end counts as busy. */
function stateOf({ provisioningState }: Deployment): 'idle' | 'failed' | 'busy' {
  switch (provisioningState) {
    case 'Succeeded':
    case undefined:
      return 'idle';
    case 'Failed':
    case 'Canceled':
    case 'Disabled':
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

function idOf<Id>(kind: DeploymentKind<Id>, target: TargetId): Id {
  const id = kind.parse(target);
  if (id === undefined) throw new TypeError(`${target} is no deployment of this kind`);
  return id;
}
