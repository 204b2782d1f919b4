import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { TestArm } from './server.fixture.ts';
import { READER_TOKEN, startTestArm, SUBSCRIPTION } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

const scope = `/subscriptions/${SUBSCRIPTION}`;
const insights = `${scope}/resourceGroups/rg/providers/Microsoft.Insights`;
const setting = `${insights}/autoscaleSettings/one`;
const reader = { authorization: `Bearer ${READER_TOKEN}` };

let arm: TestArm;
let met: string[];
beforeEach(async () => {
  met = [];
  arm = await startTestArm({ onRequest: ({ method, path }) => met.push(`${method} ${path}`) });
});
afterEach(() => arm.close());

const settings = `${scope}/providers/Microsoft.Insights/autoscaleSettings?api-version=2022-10-01`;
const put = (headers = {}) => {
  const body = { location: 'westeurope', properties: { profiles: [] } };
  return arm.send('PUT', `${setting}?api-version=2022-10-01`, body, headers);
};

describe('a token that may read only', () => {
  test('reads metrics, settings and the activity log, and writes nothing', async () => {
    arm.server.control.putMetrics([sample()]);
    const from = new Date(arm.now - 60_000).toISOString();
    const filter = encodeURIComponent(`eventTimestamp ge '${from}'`);
    const log = `${scope}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter=${filter}`;
    const batch = `${scope}/metrics:getBatch?api-version=2024-02-01&metricnamespace=n&metricnames=m`;
    const answers = [
      await arm.send('GET', settings, undefined, reader),
      await arm.send('GET', log, undefined, reader),
      await arm.send('POST', batch, { resourceids: [setting] }, reader),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);

    const refused = [
      await put(reader),
      await arm.send('DELETE', `${setting}?api-version=2022-10-01`, undefined, reader),
      await arm.send('POST', '/local/control/clearFaults', {}, reader),
    ];
    for (const { status, body } of refused) {
      expect({ status, body }).toMatchObject({
        status: 403,
        body: { error: { code: 'AuthorizationFailed' } },
      });
    }
    expect((await arm.send('GET', settings)).body?.['value']).toEqual([]);
  });
});

describe('who started the server', () => {
  test('is told of every request, those that are refused too', async () => {
    await put();
    await put(reader);
    await put({ authorization: 'Bearer wrong' });
    await arm.send('GET', settings);
    const [list] = settings.split('?');
    expect(met).toEqual([...Array<string>(3).fill(`PUT ${setting}`), `GET ${list!}`]);
  });
});

function sample() {
  const of = { resourceId: setting, namespace: 'n', metric: 'm', dimensions: {} };
  return { ...of, timeMs: arm.now - 120_000, count: 1, total: 1, minimum: 1, maximum: 1 };
}
