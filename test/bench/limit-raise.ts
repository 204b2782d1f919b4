import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { defaultRateLimitPolicy, targetId } from '@headroom/core';
import { Child, Service, until } from '../processes/child.ts';
import { Stack } from '../processes/stack.ts';
import { percentile, round } from './figures.ts';
import type { Row } from './figures.ts';

const accounts = 40;
const perSecond = 10;
const everyMs = 1_000;
/** Far above the limit of an account. */
const callEveryMs = 15;
const readyLimitMs = 60_000;
const raisedLimitMs = 30_000;
const key = 'the-key-of-the-bench';

/**
 * First 429 → limit raised, at the default pace: gateway, hub, ingest, topic, scaler, Cosmos DB and back, a process each over
 * the embedded Azure. Forty accounts run into their limits, one a second. What the instance may use of the higher limit is its
 * own within the next second.
 */
export async function limitRaise(): Promise<readonly Row[]> {
  await using opened = new AsyncDisposableStack();
  const stack = opened.use(await Stack.start());
  await Promise.all(Array.from({ length: accounts }, (_, index) => apply(stack, index)));
  const url = await startServices(stack, opened);
  const agent = new Agent({ connections: 64 });
  opened.defer(() => agent.close());
  const running: Promise<number>[] = [];
  for (let index = 0; index < accounts; index++) {
    const raised = raise(`${url}/${nameOf(index)}/analyze`, agent);
    // One that fails is found below, once all have begun.
    raised.catch(() => undefined);
    running.push(raised);
    // Not in step with the second in which the gateway tells what it counted.
    await wait(everyMs + 137);
  }
  return [rowOf(await Promise.all(running))];
}

function nameOf(index: number): string {
  return `account-${index}`;
}

function idOf(index: number) {
  const provider = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices';
  return targetId(`${provider}/accounts/${nameOf(index)}`);
}

async function apply({ stores }: Stack, index: number): Promise<void> {
  const target = idOf(index);
  const rules = [{ key: 'default', count: perSecond, renewalPeriod: 1 }].map((rule) => ({
    ...{ ...rule, dynamicThrottlingEnabled: true },
    matchPatterns: [{ method: '*', path: '*' }],
  }));
  const capabilities = [{ name: 'DynamicThrottling' }];
  const document = {
    ...{ id: target, kind: 'ComputerVision', sku: { name: 'S1' } },
    properties: { dynamicThrottlingEnabled: true, capabilities, callRateLimit: { rules } },
  };
  const write = { target, id: target, expected: 0, document, overrides: [] };
  await stores.settings.write({ ...write, policy: defaultRateLimitPolicy });
}

/** Answers where the gateway is, once all of them know the settings. */
async function startServices(stack: Stack, opened: AsyncDisposableStack): Promise<string> {
  const backend = new Child('backend', 'test/bench/gateway/backend.ts', [], {});
  opened.defer(() => backend.stop());
  const [, backendUrl = ''] = await backend.line(/"listening":"([^"]+)"/);
  const served = Array.from({ length: accounts }, (_, index) => ({
    ...{ path: `/${nameOf(index)}`, account: idOf(index) },
    ...{ backend: backendUrl, credential: { key: 'backend' } },
  }));
  const env = {
    ...stack.env,
    GATEWAY_ACCOUNTS: JSON.stringify(served),
    GATEWAY_CLIENTS: JSON.stringify([{ name: 'bench', keySha256: hash('sha256', key) }]),
  };
  const names = ['scaler', 'ingest', 'gateway'] as const;
  const [, ingest, gateway] = await Promise.all(
    names.map(async (name) => {
      const service = await Service.start(name, env);
      opened.defer(() => service.stop());
      await ready(service);
      return service;
    }),
  );
  if (ingest === undefined || gateway === undefined) throw new Error('a service is missing');
  await known(ingest);
  const [, url = ''] = await gateway.line(/"event":"gateway[.]listening","url":"([^"]+)"/);
  return url;
}

async function ready(service: Service): Promise<void> {
  await until(
    () => service.health(),
    ({ status }) => status === 'ready',
    readyLimitMs,
  );
}

/** The evaluator has all settings, and has looked at each. */
async function known(ingest: Service): Promise<void> {
  await until(
    () => ingest.health(),
    ({ checks }) =>
      (checks.settings?.known ?? 0) >= accounts &&
      (checks.evaluator?.evaluations ?? 0) >= 2 * accounts,
    readyLimitMs,
  );
}

/** Calls until the limit is raised; answers the milliseconds from the first 429 to the first answer that tells a higher limit. */
async function raise(url: string, agent: Agent): Promise<number> {
  const raised = Promise.withResolvers<number>();
  let blockedAt: number | undefined;
  const call = async () => {
    const { status, limit } = await ask(url, agent);
    const now = performance.now();
    if (status === 429) blockedAt ??= now;
    if (blockedAt !== undefined && limit > perSecond) raised.resolve(now - blockedAt);
  };
  const calling = setInterval(() => void call().catch(raised.reject), callEveryMs);
  const tooLong = setTimeout(() => {
    raised.reject(new Error(`${url} was not raised within ${raisedLimitMs} ms`));
  }, raisedLimitMs);
  try {
    return await raised.promise;
  } finally {
    clearInterval(calling);
    clearTimeout(tooLong);
  }
}

async function ask(url: string, dispatcher: Agent) {
  const headers = { 'api-key': key };
  const answer = await request(url, { method: 'POST', headers, body: '{}', dispatcher });
  await answer.body.dump();
  const limit = Number(answer.headers['x-ratelimit-limit-requests']);
  return { status: answer.statusCode, limit };
}

function rowOf(times: readonly number[]): Row {
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  return {
    what: 'first 429 → limit raised in the gateway, default pace',
    measured: `p50 ${round(p50 / 1_000)} s, p99 ${round(p99 / 1_000)} s`,
    beside: ` (${times.length} accounts, one a second)`,
    must: 'p99 5 s',
    reached: p99 < 5_000,
  };
}
