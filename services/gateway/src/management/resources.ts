import type { IncomingMessage } from 'node:http';
import { targetIdLengthMax } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { notFound, unavailable } from './arm-error.ts';
import { bodyObject } from './arm-request.ts';
import type { Accounts, Conditions } from './accounts.ts';
import { accountTarget } from './directory.ts';
import type { Directory } from './directory.ts';
import type { ArmAnswer, ArmCall, ArmHandler, ArmRoute } from './routes.ts';

/** The switch of an account was asked to be this, and is. */
export interface SwitchChange {
  readonly account: string;
  /** The object id of the principal who did it. */
  readonly by: string;
  readonly method: string;
  readonly requestId: string;
  /** `unchanged`: it was so already, and nothing was written. */
  readonly kind: 'written' | 'unchanged';
  readonly was: boolean;
  readonly is: boolean;
  readonly version: number;
}

export interface ResourcesOptions {
  readonly accounts: Accounts;
  readonly directory: Directory;
  /** The tenant whose tokens are taken, where its issuer names it. */
  readonly tenantId?: string;
  readonly changed: (change: SwitchChange) => void;
}

const provider = 'Microsoft.CognitiveServices';
const subscription = 'subscriptions/{}';
const group = `${subscription}/resourceGroups/{}`;
/** Any is taken: an account is shown as it was applied. The newest comes first, for az takes that. */
const apiVersions = ['2025-06-01', '2024-10-01', '2023-05-01'];

/** Accounts, and what az and the SDKs ask for on the way to them. */
export function resourceRoutes(options: ResourcesOptions): readonly ArmRoute[] {
  const get = (path: string, handler: ArmHandler): ArmRoute => ({
    path,
    methods: { GET: handler },
  });
  const listed = (of: (call: ArmCall) => readonly object[]): ArmHandler => {
    return (call) => ({ body: { value: of(call) } });
  };
  const { directory, tenantId } = options;
  const tenants = tenantId === undefined ? [] : [{ id: `/tenants/${tenantId}`, tenantId }];
  return [
    get(
      'tenants',
      listed(() => tenants),
    ),
    get(
      'subscriptions',
      listed(() => known(directory).subscriptions().map(subscriptionBody(tenantId))),
    ),
    get(subscription, (call) => ({
      body: subscriptionBody(tenantId)(knownSubscription(options, call)),
    })),
    get(
      `${subscription}/providers`,
      listed((call) => [providerBody(knownSubscription(options, call))]),
    ),
    get(`${subscription}/providers/${provider}`, (call) => ({
      body: providerBody(knownSubscription(options, call)),
    })),
    get(
      `${subscription}/resourceGroups`,
      listed((call) => groupsOf(options, call).map(groupBody(call))),
    ),
    get(group, (call) => ({ body: groupBody(call)(knownGroup(options, call)) })),
    get(`${subscription}/providers/${provider}/accounts`, accountList(options)),
    get(`${group}/providers/${provider}/accounts`, accountList(options)),
    { path: `${group}/providers/${provider}/accounts/{}`, methods: accountMethods(options) },
  ];
}

function accountMethods({ accounts, changed }: ResourcesOptions): ArmRoute['methods'] {
  const change: ArmHandler = async ({ request, answer, requester, requestId, names }) => {
    const target = targetOf(names);
    const body = await bodyObject(request, answer);
    const found = await accounts.change({ target, body, ...conditionsOf(request) });
    const { document, etag, ...what } = found;
    const method = request.method ?? '';
    changed({ account: target, by: requester.id, method, requestId, ...what });
    return { body: document, headers: { etag } };
  };
  return {
    GET: async ({ names }) => {
      const { document, etag } = await accounts.read(targetOf(names));
      return { body: document, headers: { etag } };
    },
    // A document is never replaced: what a body leaves out stays, in both.
    PUT: change,
    PATCH: change,
  };
}

function targetOf([subscriptionId = '', groupName = '', name = '']: readonly string[]): TargetId {
  const target = accountTarget(subscriptionId, groupName, name);
  if (target.length <= targetIdLengthMax) return target;
  throw notFound('ResourceNotFound', 'The Resource was not found: no resource has so long an id.');
}

function conditionsOf({ headers }: IncomingMessage): Conditions {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
  };
}

function accountList({ accounts, directory }: ResourcesOptions): ArmHandler {
  return async ({ names: [subscriptionId = '', groupName] }): Promise<ArmAnswer> => {
    const found = await accounts.readAll(known(directory).accounts(subscriptionId, groupName));
    return { body: { value: found.map(({ document }) => document) } };
  };
}

/** Throws `ArmError` 503 until it is complete: what is not known yet is not missing. */
function known(directory: Directory): Directory {
  if (directory.isRead) return directory;
  throw unavailable('The accounts are not known yet: the store of settings has not answered.');
}

function knownSubscription(
  { directory }: ResourcesOptions,
  { names: [asked = ''] }: ArmCall,
): string {
  const found = sameName(known(directory).subscriptions(), asked);
  if (found !== undefined) return found;
  throw notFound('SubscriptionNotFound', `The subscription '${asked}' could not be found.`);
}

function groupsOf(options: ResourcesOptions, call: ArmCall): readonly string[] {
  return options.directory.groups(knownSubscription(options, call));
}

function knownGroup(options: ResourcesOptions, call: ArmCall): string {
  const [, asked = ''] = call.names;
  const found = sameName(groupsOf(options, call), asked);
  if (found !== undefined) return found;
  throw notFound('ResourceGroupNotFound', `Resource group '${asked}' could not be found.`);
}

function sameName(names: readonly string[], asked: string): string | undefined {
  return names.find((name) => name.toLowerCase() === asked.toLowerCase());
}

function subscriptionBody(tenantId: string | undefined): (subscriptionId: string) => object {
  return (subscriptionId) => ({
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    displayName: `Headroom ${subscriptionId}`,
    state: 'Enabled',
    ...(tenantId === undefined ? {} : { tenantId }),
  });
}

function groupBody({ names: [subscriptionId = ''] }: ArmCall): (name: string) => object {
  return (name) => ({
    id: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
    name,
    type: 'Microsoft.Resources/resourceGroups',
    properties: { provisioningState: 'Succeeded' },
  });
}

function providerBody(subscriptionId: string): object {
  return {
    id: `/subscriptions/${subscriptionId}/providers/${provider}`,
    namespace: provider,
    registrationState: 'Registered',
    resourceTypes: [{ resourceType: 'accounts', apiVersions, locations: [], capabilities: 'None' }],
  };
}
