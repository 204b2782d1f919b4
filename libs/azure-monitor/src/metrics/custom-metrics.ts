import { DependencyUnavailable } from '@headroom/ports';
import { credentialOf } from '../access.ts';
import type { MonitorOptions } from '../access.ts';

/** Tells Azure Monitor one minute of a metric: the body of its REST API for custom metrics. */
export type TellMetric = (resource: string, body: unknown) => Promise<void>;

const scope = 'https://management.azure.com/.default';
const timeoutMs = 10_000;
const dependency = 'Azure Monitor';

/**
 * Meant for the embedded Azure, which takes a platform's metrics by this door as well, since nothing else makes them. Azure's
 * own door has another host for each region, and takes custom metrics only.
 *
 * @throws DependencyUnavailable
 */
export function connectCustomMetrics(options: MonitorOptions & { endpoint: string }): TellMetric {
  const credential = credentialOf(options);
  return async (resource, body) => {
    const answer = await post(`${options.endpoint}${resource}/metrics`, body, async () => {
      return (await credential.getToken(scope))?.token ?? '';
    });
    if (answer.ok) return;
    const said = (await answer.text()).slice(0, 500);
    throw new DependencyUnavailable(dependency, `${dependency} says ${answer.status}: ${said}`);
  };
}

async function post(url: string, body: unknown, token: () => Promise<string>): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DependencyUnavailable(dependency, `${dependency} does not answer: ${why}`, { cause });
  }
}
