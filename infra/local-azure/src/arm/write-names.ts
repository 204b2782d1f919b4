import type { Route } from './router.ts';

/** Routes whose POST reads or is no part of ARM. */
const SILENT = /metrics$|metrics:getBatch$|local\/control|calculateModelCapacity$|getLogs$/;

/**
 * What the activity log calls a write: `Microsoft.X/accounts/write`, `…/delete`, and for a POST the
 * word at the end, `…/accounts/listKeys/action`. `undefined`: no write.
 */
export function operationNameOf({ path }: Route, method: string): string | undefined {
  if (SILENT.test(path)) return undefined;
  const type = path.includes('/providers/')
    ? path.replace(/^.*\/providers\//, '').replaceAll(/\/\{\w+\}/g, '')
    : 'Microsoft.Resources/subscriptions/resourceGroups';
  switch (method) {
    case 'PUT':
    case 'PATCH':
      return `${type}/write`;
    case 'DELETE':
      return `${type}/delete`;
    case 'POST':
      return `${type}/action`;
    default:
      return undefined;
  }
}
