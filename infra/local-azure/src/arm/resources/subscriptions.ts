import type { JsonObject } from '../../json.ts';
import { ArmError } from '../errors.ts';
import type { Call } from '../router.ts';
import { nameOf } from '../router.ts';
import type { ArmStore } from '../store.ts';
import { RESOURCE_GROUP } from '../store.ts';

/** There is one tenant, of this id. */
export const TENANT_ID = '00000000-0000-4000-8000-0000000000aa';
/** What a region is looked for in, besides any that a resource names. */
export const LOCATIONS: readonly string[] = ['eastus', 'swedencentral', 'westeurope', 'local'];

/** The given subscriptions, and every one that holds a resource group: using one makes it. */
export class Subscriptions {
  private readonly store: ArmStore;
  private readonly given: readonly string[];

  constructor(store: ArmStore, given: readonly string[]) {
    this.store = store;
    this.given = given;
  }

  all(): readonly JsonObject[] {
    return this.ids().map(bodyOf);
  }

  find(id: string): JsonObject {
    const key = id.toLowerCase();
    const found = this.ids().find((each) => each.toLowerCase() === key);
    if (found !== undefined) return bodyOf(found);
    const message = `The subscription '${id}' could not be found.`;
    throw new ArmError(404, 'SubscriptionNotFound', message);
  }

  locations(call: Call): readonly JsonObject[] {
    const subscription = nameOf(call, 'subscription');
    this.find(subscription);
    return LOCATIONS.map((name) => ({
      id: `/subscriptions/${subscription}/locations/${name}`,
      name,
      type: 'Region',
      displayName: name,
      regionalDisplayName: name,
      metadata: { regionType: 'Physical' },
    }));
  }

  tenant(): JsonObject {
    return {
      id: `/tenants/${TENANT_ID}`,
      tenantId: TENANT_ID,
      displayName: 'Embedded Azure',
      defaultDomain: 'local',
      tenantType: 'AAD',
    };
  }

  private ids(): readonly string[] {
    const used = this.store.list('/', RESOURCE_GROUP).map(({ id }) => id.split('/')[2] ?? '');
    const byKey = new Map([...this.given, ...used].map((id) => [id.toLowerCase(), id]));
    return [...byKey.values()];
  }
}

const bodyOf = (subscriptionId: string): JsonObject => ({
  id: `/subscriptions/${subscriptionId}`,
  subscriptionId,
  tenantId: TENANT_ID,
  displayName: `Embedded Azure ${subscriptionId}`,
  state: 'Enabled',
  authorizationSource: 'RoleBased',
  subscriptionPolicies: { spendingLimit: 'Off' },
});
