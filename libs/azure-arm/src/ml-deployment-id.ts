/** The parts of a managed online deployment's ARM id. */
export interface MlDeploymentId {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly workspace: string;
  readonly endpoint: string;
  readonly deployment: string;
}

const pattern = new RegExp(
  '^/subscriptions/([^/]+)/resourcegroups/([^/]+)/providers/microsoft\\.machinelearningservices' +
    '/workspaces/([^/]+)/onlineendpoints/([^/]+)/deployments/([^/]+)$',
  'i',
);

/** Absent where the id names something else. */
export function parseMlDeploymentId(id: string): MlDeploymentId | undefined {
  const [, subscription, resourceGroup, workspace, endpoint, deployment] = pattern.exec(id) ?? [];
  if (
    subscription === undefined ||
    resourceGroup === undefined ||
    workspace === undefined ||
    endpoint === undefined ||
    deployment === undefined
  ) {
    return undefined;
  }
  return { subscription, resourceGroup, workspace, endpoint, deployment };
}

/** What takes one operation at a time: the endpoint, whichever of its deployments is changed. */
export function endpointKey(id: MlDeploymentId): string {
  const group = `/subscriptions/${id.subscription}/resourcegroups/${id.resourceGroup}`;
  const workspace = `/providers/microsoft.machinelearningservices/workspaces/${id.workspace}`;
  return `${group}${workspace}/onlineendpoints/${id.endpoint}`.toLowerCase();
}
