import { hash } from 'node:crypto';
import { defaultRateLimitPolicy, targetId } from '@headroom/core';
import { Child, Service, until } from '../../processes/child.ts';
import { Stack } from '../../processes/stack.ts';

export const sideNames = ['direct', 'bare', 'limited', 'gateway'] as const;
export type SideName = (typeof sideNames)[number];

/** One way to the same backend. */
export interface Side {
  readonly url: string;
  /** Whose CPU it costs; absent: nobody's beside the backend's. */
  readonly process?: Child;
}

export type Sides = Readonly<Record<SideName, Side>>;

const readyLimitMs = 30_000;
export const benchKey = 'the-key-of-the-bench';
const account = targetId(
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/bench',
);
/** Above whatever is measured: limits that are looked at, and never reached. */
const rules = [
  { key: 'read', matchPatterns: [{ method: 'POST', path: 'read/*' }] },
  { key: 'analyze', matchPatterns: [{ method: 'POST', path: 'analyze/*' }] },
  { key: 'default', matchPatterns: [{ method: '*', path: '*' }] },
].map((rule) => ({ ...rule, count: 1_000_000, renewalPeriod: 1 }));

/** The backend, a bare proxy, one with a limiter, and the gateway over an embedded Azure: each a process. */
export async function startSides(opened: AsyncDisposableStack): Promise<Sides> {
  const stack = opened.use(await Stack.start());
  const started = async (name: string, ...args: string[]): Promise<Required<Side>> => {
    const process = new Child(name, `test/bench/gateway/${name}.ts`, args, {});
    opened.defer(() => process.stop());
    const [, url = ''] = await process.line(/"listening":"([^"]+)"/);
    return { url, process };
  };
  const backend = await started('backend');
  return {
    direct: { url: backend.url },
    bare: await started('bare-proxy', backend.url),
    limited: await started('bare-proxy', backend.url, 'limited'),
    gateway: await gatewaySide(stack, backend.url, opened),
  };
}

async function gatewaySide(
  stack: Stack,
  backend: string,
  opened: AsyncDisposableStack,
): Promise<Side> {
  const document = {
    ...{ id: account, kind: 'ComputerVision', sku: { name: 'S1' } },
    properties: { callRateLimit: { rules } },
  };
  await stack.stores.settings.write({
    ...{ target: account, id: account, expected: 0, document, overrides: [] },
    policy: defaultRateLimitPolicy,
  });
  const served = { path: '/bench', account, backend, credential: { key: 'backend' } };
  const process = await Service.start('gateway', {
    ...stack.env,
    GATEWAY_ACCOUNTS: JSON.stringify([served]),
    GATEWAY_CLIENTS: JSON.stringify([{ name: 'bench', keySha256: hash('sha256', benchKey) }]),
  });
  opened.defer(() => process.stop());
  const [, url = ''] = await process.line(/"event":"gateway[.]listening","url":"([^"]+)"/);
  await until(
    () => process.health(),
    ({ status }) => status === 'ready',
    readyLimitMs,
  );
  return { url: `${url}/bench`, process };
}
