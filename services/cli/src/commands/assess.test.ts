import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { MonitorClient } from '@azure/arm-monitor';
import { minuteMs } from '@headroom/core';
import { useHeadroom } from './headroom.fixture.ts';

/** Against the embedded Azure, through the real SDKs; its clock is the real one. */
const now = Math.floor(Date.now() / minuteMs) * minuteMs;
const current = useHeadroom(new Date(now).toISOString());
const subscription = '11111111-2222-3333-4444-555555555555';
const namespace = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';
const deploymentOf = (endpoint: string) =>
  `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/${endpoint}/deployments/blue`;
const settingOf = (name: string) =>
  `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Insights/autoscaleSettings/${name}`;

const trigger = {
  ...{ metricName: 'CpuUtilizationPercentage', timeGrain: 'PT1M', statistic: 'Average' as const },
  ...{ timeWindow: 'PT5M', timeAggregation: 'Average' as const, threshold: 70 },
  operator: 'GreaterThan' as const,
};
const scaleAction = {
  ...{ direction: 'Increase' as const, type: 'ChangeCount' as const, cooldown: 'PT5M' },
};

async function putSetting(name: string, maximum: string): Promise<void> {
  const { ARM_ENDPOINT: endpoint, ARM_TOKEN: token, ...env } = current().azure.env;
  const ca = await readFile(env.NODE_EXTRA_CA_CERTS, 'utf8');
  const credential = { getToken: () => Promise.resolve({ token, expiresOnTimestamp: 9e15 }) };
  const client = new MonitorClient(credential, subscription, { endpoint, tlsOptions: { ca } });
  await client.autoscaleSettings.createOrUpdate('rg', name, {
    ...{ location: 'westeurope', enabled: true, targetResourceUri: deploymentOf(name) },
    profiles: [
      {
        name: 'always',
        capacity: { minimum: '1', maximum, default: '1' },
        rules: [
          {
            metricTrigger: { ...trigger, metricResourceUri: deploymentOf(name) },
            scaleAction: { ...scaleAction, value: '1' },
          },
        ],
      },
    ],
  });
}

/** Two hours of 50, ten minutes of 90, and of 50 again; the window is over at minute 123. */
function measure(name: string): void {
  const values = [...Array<number>(120).fill(50), ...Array<number>(10).fill(90)];
  values.push(...Array<number>(50).fill(50));
  const of = { resourceId: deploymentOf(name), namespace, dimensions: {} };
  current().azure.control.putMetrics(
    values.map((value, place) => ({
      ...{ ...of, metric: 'CpuUtilizationPercentage', timeMs: timeOf(place), count: 1 },
      ...{ total: value, minimum: value, maximum: value },
    })),
  );
}

const timeOf = (minute: number) => now - (180 - minute) * minuteMs;

function act(name: string, minute: number, from: number, to: number): void {
  const properties = { OldInstancesCount: String(from), NewInstancesCount: String(to) };
  const of = { resourceId: settingOf(name), category: 'Autoscale', properties } as const;
  const told = { status: 'Succeeded', level: 'Informational', description: '' } as const;
  const correlationId = `${name} ${minute}`;
  const caller = 'Microsoft.Insights/autoscaleSettings';
  current().azure.control.putActivityEvents(
    [
      ['Scaleup', 'AutoscaleAction', minute],
      ['ScaleupResult', 'GetOperationStatusResult', minute + 4],
    ].map(([operation, eventName, at]) => ({
      ...{ ...of, ...told, correlationId, caller, eventName: String(eventName) },
      operationName: `Microsoft.Insights/AutoscaleSettings/${String(operation)}/Action`,
      timeMs: timeOf(Number(at)),
    })),
  );
}

const assess = (...args: string[]) => {
  const { folder } = current();
  const out = join(folder, 'report.html');
  return current().run('assess', '--days', '1', '--data', folder, '--out', out, ...args);
};
const ours = (...args: string[]) => assess('--subscription', subscription, ...args);

describe('headroom assess', () => {
  beforeAll(async () => {
    await putSetting('chat', '5');
    await putSetting('full', '2');
    for (const name of ['chat', 'full']) measure(name);
    act('chat', 124.5, 2, 3);
    act('full', 40, 1, 2);
  });

  test('tells of each setting what Headroom finds beside Azure, and what to do next', async () => {
    const { code, out, err } = await ours();
    expect(code).toBe(0);
    expect(err).toContain('assessed: 2 of 2\n');
    expect(out).toContain('reproduces or explains 50 % of what Azure’s autoscale did in 3 h');
    expect(out).toMatch(/chat\/blue {2}chat\n {2}Azure’s actions {3}1: 1 reproduced \(100 %\)/);
    expect(out).toMatch(
      /full\/blue {2}full\n {2}Azure’s actions {3}1: 0 reproduced .*1 unexplained/,
    );
    expect(out).toContain('Headroom holds: NotTriggered; CpuUtilizationPercentage 50 (> 70)');
    expect(out).toContain('10 min over a threshold: 10 min at the maximum');
    expect(out).toMatch(/Report: .*report\.html \(\d+ calls to Azure, none of them a write\)/);
    const { folder } = current();
    expect(out).toContain(`Next: "headroom backtest full/blue --against ${folder} --sweep" tries`);
    expect(out).toContain(
      `Next, where Headroom runs: "headroom import --subscription ${subscription} --mode observe"`,
    );
  });

  test('writes the report, and JSON for programs', async () => {
    const json = join(current().folder, 'found.json');
    await ours('--json', json, '--setting', 'chat');
    const html = await readFile(join(current().folder, 'report.html'), 'utf8');
    expect(html).toContain('<bdi>chat</bdi>');
    expect(html).not.toContain('<bdi>full</bdi>');
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
      subscription,
      figures: { settings: 1, actions: 1, reproduced: 1, unexplained: 0 },
      settings: [
        {
          name: 'chat',
          actions: [
            {
              ...{ at: new Date(timeOf(124.5)).toISOString(), from: 2, to: 3 },
              finding: { kind: 'reproduced', reason: 'ScaleOutRule' },
              minutes: { provisioningMs: 4 * minuteMs },
            },
          ],
        },
      ],
    });
  });

  test('comes to the same again from what was fetched, without asking Azure', async () => {
    const online = await ours('--resource-group', 'rg');
    const offline = await ours('--resource-group', 'rg', '--offline');
    expect(offline.code).toBe(0);
    expect(offline.out).toContain('(nothing was asked of Azure)');
    const foundIn = (out: string) => out.slice(0, out.indexOf('Report:'));
    expect(foundIn(offline.out)).toBe(foundIn(online.out));
  });

  test.each([
    [['--setting', 'caht'], 'there is no setting "caht": the likest of 2 are chat, full'],
    [['--out', tmpdir()], 'cannot be written: it is a folder'],
    [['--subscription', 'Pay-As-You-Go'], 'Expected the id of a subscription'],
    [['--out', '/nowhere/at/all.html'], '/nowhere/at/all.html cannot be written: ENOENT'],
    [
      ['--resource-group', 'other', '--offline'],
      'resource group other: run it without --offline first',
    ],
  ])('%j is refused', async (args, message) => {
    const { code, out, err } = await ours(...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
  });

  test('says what to check where nothing is found', async () => {
    const { code, err } = await ours('--resource-group', 'empty');
    expect(code).toBe(1);
    expect(err).toContain(
      `subscription ${subscription}, resource group empty has no autoscale settings that you may see in the embedded Azure at https://127.0.0.1:`,
    );
    expect(err).toContain('to ask yours, give another --data');
  });

  test('asks Azure itself where no local system is, and says when nobody is signed in', async () => {
    const before = process.env['AZURE_TOKEN_CREDENTIALS'];
    process.env['AZURE_TOKEN_CREDENTIALS'] = 'EnvironmentCredential';
    const folder = join(current().folder, 'none');
    const { code, err } = await ours('--data', folder);
    if (before === undefined) delete process.env['AZURE_TOKEN_CREDENTIALS'];
    else process.env['AZURE_TOKEN_CREDENTIALS'] = before;
    expect(code).toBe(1);
    expect(err).toContain(`Nobody is signed in for /subscriptions/${subscription}`);
    expect(err).toContain('az login');
    expect(err).not.toContain('aka.ms');
    expect(err).not.toContain('is kept');
  });

  test('says which right is missing', async () => {
    const path = `/subscriptions/${subscription}/providers/microsoft.insights/autoscalesettings`;
    const fault = { path, status: 403, code: 'AuthorizationFailed', message: 'no', times: 3 };
    current().azure.control.injectFault(fault);
    const { code, out, err } = await ours();
    current().azure.control.clearFaults();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('the role Monitoring Reader is missing');
    expect(err).toMatch(
      /Asked was the embedded Azure at https:.*to ask yours, give another --data/,
    );
  });
});
