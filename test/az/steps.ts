import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { LocalAzure } from '@headroom/local-azure';

/** One command of az, and what its output has to be. */
export interface Step {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly check: (output: unknown) => void;
  /** What az has to fail with, where it has to. */
  readonly refusal?: RegExp;
}

export const subscription = '00000000-0000-4000-8000-000000000001';
const group = 'headroom-az';
const setting = 'az-proof';
const parent = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/ws`;
const endpoint = `${parent}/onlineEndpoints/chat`;
const target = `${endpoint}/deployments/blue`;
const location = 'westeurope';

export function steps(azure: LocalAzure): readonly Step[] {
  return [...cloud(azure), ...resources(), ...autoscale(), ...metrics(azure), ...machine(azure)];
}

/** `az cloud register` finds the authority by itself; the application signs in with its secret. */
function cloud({ identityEnv }: LocalAzure): readonly Step[] {
  const { ARM_ENDPOINT, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = identityEnv;
  const login = ['login', '--service-principal', '-u', AZURE_CLIENT_ID, '--tenant', 'adfs', '-p'];
  return [
    step(
      'cloud register',
      ['cloud', 'register', '-n', 'Local', '--endpoint-resource-manager', ARM_ENDPOINT],
      nothing,
    ),
    step('cloud set', ['cloud', 'set', '-n', 'Local'], nothing),
    {
      ...step('login with a wrong secret is refused', [...login, 'wrong'], nothing),
      refusal: /AADSTS7000215/,
    },
    step('login --service-principal', [...login, AZURE_CLIENT_SECRET], hasSubscription),
    step('account set', ['account', 'set', '-s', subscription], nothing),
    step('account get-access-token', ['account', 'get-access-token'], (output) => {
      ok(member(output, 'accessToken').split('.').length === 3, 'a signed token');
    }),
  ];
}

function resources(): readonly Step[] {
  const put = (id: string, version: string, body: object): readonly string[] => [
    ...['rest', '--method', 'put', '--url', `${id}?api-version=${version}`],
    ...['--body', JSON.stringify(body)],
  ];
  const deployment = {
    location,
    sku: { name: 'Default', capacity: 2 },
    properties: { endpointComputeType: 'Managed', instanceType: 'Standard_DS3_v2' },
  };
  return [
    step('group create', ['group', 'create', '-n', group, '-l', location], named(group)),
    step('rest: workspace', put(parent, '2022-10-01', { location }), something),
    step(
      'rest: endpoint',
      put(endpoint, '2022-10-01', { location, properties: { authMode: 'Key' } }),
      something,
    ),
    step('rest: deployment', put(target, '2022-10-01', deployment), something),
    step('group show', ['group', 'show', '-n', group], named(group)),
    step('group list', ['group', 'list'], listed(group)),
    step(
      'resource show',
      ['resource', 'show', '--ids', target, '--api-version', '2022-10-01'],
      (output) => {
        strictEqual(object(object(output)['sku'])['capacity'], 2);
      },
    ),
  ];
}

/** Everything that `az monitor autoscale` does to a setting. */
function autoscale(): readonly Step[] {
  const base = ['monitor', 'autoscale'];
  const mine = ['-g', group, '--autoscale-name', setting];
  const bounds = ['--min-count', '1', '--max-count', '5', '--count', '2'];
  const rule = (condition: string, ...scale: string[]): readonly string[] => [
    ...[...base, 'rule', 'create', ...mine, '--condition', condition, '--scale', ...scale],
  ];
  const weekend = ['--recurrence', 'week', 'sat', 'sun', '--timezone', 'Pacific Standard Time'];
  const hours = ['--start', '00:00', '--end', '23:59', '--copy-rules', 'default'];
  const scale = ['--min-count', '1', '--max-count', '3', '--count', '1'];
  return [
    step(
      'autoscale create',
      [...base, 'create', '-g', group, '-n', setting, '--resource', target, ...bounds],
      named(setting),
    ),
    step(
      'autoscale rule create (out)',
      rule('CpuUtilizationPercentage > 70 avg 5m', 'out', '1'),
      something,
    ),
    step(
      'autoscale rule create (in)',
      rule('CpuUtilizationPercentage < 30 avg 10m', 'in', '1'),
      something,
    ),
    step('autoscale rule list', [...base, 'rule', 'list', ...mine], (output) => {
      const triggers = list(output).map((each) => object(object(each)['metricTrigger']));
      const shown = triggers.map((each) => [each['operator'], Number(each['threshold'])]);
      deepStrictEqual(shown, [
        ['GreaterThan', 70],
        ['LessThan', 30],
      ]);
    }),
    step('autoscale rule delete', [...base, 'rule', 'delete', ...mine, '--index', '1'], nothing),
    step(
      'autoscale profile create',
      [...base, 'profile', 'create', ...mine, '-n', 'weekend', ...scale, ...weekend, ...hours],
      something,
    ),
    step('autoscale profile list', [...base, 'profile', 'list', ...mine], (output) => {
      const names = list(output).map((each) => member(each, 'name'));
      ok(
        names.includes('weekend') &&
          names.some(
            (name) => name.includes('"for": "weekend"') || name.includes('"for":"weekend"'),
          ),
        names.join(),
      );
    }),
    step(
      'autoscale profile show',
      [...base, 'profile', 'show', ...mine, '-n', 'weekend'],
      named('weekend'),
    ),
    step(
      'autoscale profile delete',
      [...base, 'profile', 'delete', ...mine, '-n', 'weekend'],
      nothing,
    ),
    step('autoscale show', [...base, 'show', '-g', group, '-n', setting], (output) => {
      const [profile] = list(object(output)['profiles']);
      strictEqual(list(object(profile)['rules']).length, 1);
      strictEqual(member(output, 'targetResourceUri'), target);
    }),
    step(
      'autoscale update',
      [...base, 'update', '-g', group, '-n', setting, '--max-count', '7', '--count', '3'],
      (output) => {
        const [profile] = list(object(output)['profiles']);
        strictEqual(String(object(object(profile)['capacity'])['maximum']), '7');
      },
    ),
    step('autoscale list', [...base, 'list', '-g', group], listed(setting)),
    step('autoscale delete', [...base, 'delete', '-g', group, '-n', setting], nothing),
    step('autoscale list is empty', [...base, 'list', '-g', group], (output) =>
      deepStrictEqual(output, []),
    ),
  ];
}

/** A sample is put in as Azure Monitor's custom metrics are, then asked for. */
function metrics({ identityEnv }: LocalAzure): readonly Step[] {
  const time = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 60_000).toISOString();
  const metric = 'CpuUtilizationPercentage';
  const namespace = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';
  const series = [{ dimValues: [], min: 40, max: 60, sum: 100, count: 2 }];
  const body = { time, data: { baseData: { metric, namespace, dimNames: [], series } } };
  const put = ['rest', '--method', 'post', '--url', `${identityEnv.ARM_ENDPOINT}${target}/metrics`];
  const ask = ['monitor', 'metrics', 'list', '--resource', target, '--metric', metric];
  return [
    step(
      'rest: a sample',
      [...put, '--resource', identityEnv.ARM_ENDPOINT, '--body', JSON.stringify(body)],
      () => undefined,
    ),
    step(
      'monitor metrics list',
      [...ask, '--interval', 'PT1M', '--aggregation', 'Average'],
      (output) => {
        const [found] = list(object(output)['value']);
        const [all] = list(object(found)['timeseries']);
        const values = list(object(all)['data']).map((each) => object(each)['average']);
        ok(values.includes(50), `an average of 50 among ${JSON.stringify(values)}`);
      },
    ),
    step(
      'monitor metrics list-definitions',
      ['monitor', 'metrics', 'list-definitions', '--resource', target],
      (output) => {
        ok(list(output).length > 0, 'definitions');
      },
    ),
  ];
}

/** The machine's own identity, by the endpoint that App Service gives its processes. */
function machine({ identityEnv }: LocalAzure): readonly Step[] {
  const env = {
    APPSETTING_WEBSITE_SITE_NAME: 'local',
    MSI_ENDPOINT: identityEnv.IDENTITY_ENDPOINT,
    MSI_SECRET: identityEnv.IDENTITY_HEADER,
  };
  return [
    step('logout', ['logout'], nothing),
    { name: 'login --identity', args: ['login', '--identity'], env, check: hasSubscription },
    {
      name: 'group show, by the identity',
      args: ['group', 'show', '-n', group, '--subscription', subscription],
      env,
      check: named(group),
    },
  ];
}

export function step(name: string, args: readonly string[], check: Step['check']): Step {
  return { name, args, check };
}

export const nothing = (output: unknown): void => strictEqual(output, undefined);
const something = (output: unknown): void => ok(output !== undefined, 'it printed nothing');
const named = (name: string) => (output: unknown) => strictEqual(member(output, 'name'), name);
export const listed = (name: string) => (output: unknown) =>
  ok(
    list(output).some((each) => object(each)['name'] === name),
    `${name} is not in the list`,
  );
export const hasSubscription = (output: unknown): void =>
  ok(
    list(output).some((each) => object(each)['id'] === subscription),
    'no subscription',
  );

export function object(value: unknown): Readonly<Record<string, unknown>> {
  ok(typeof value === 'object' && value !== null, `no object: ${JSON.stringify(value)}`);
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown): readonly unknown[] {
  ok(Array.isArray(value), `no list: ${JSON.stringify(value)}`);
  return value as readonly unknown[];
}

export function member(value: unknown, name: string): string {
  const found = object(value)[name];
  ok(typeof found === 'string', `'${name}' is no text: ${JSON.stringify(found)}`);
  return found;
}
