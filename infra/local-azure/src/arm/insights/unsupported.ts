import { notSupported } from '../errors.ts';
import type { Handler, Method, Route } from '../router.ts';

const EVERY: readonly Method[] = ['GET', 'PUT', 'PATCH', 'DELETE'];

/** Parts of Azure Monitor that clients look for and that are not here. */
export const unsupportedRoutes: readonly Route[] = [
  route('**/providers/Microsoft.Insights/diagnosticSettings', 'diagnostic settings'),
  route('**/providers/Microsoft.Insights/diagnosticSettings/{name}', 'diagnostic settings'),
  route('**/providers/Microsoft.Insights/metricAlerts', 'metric alerts'),
  route('**/providers/Microsoft.Insights/metricAlerts/{name}', 'metric alerts'),
];

function route(path: string, what: string): Route {
  const handler: Handler = () => {
    throw notSupported(what, 'Nothing is exported or alerted on from here.');
  };
  const methods = Object.fromEntries(EVERY.map((method) => [method, handler]));
  return { path, apiVersions: [], methods };
}
