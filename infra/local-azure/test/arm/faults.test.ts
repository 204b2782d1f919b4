import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { TestArm } from './server.fixture.ts';
import { allOf, errorOf, startTestArm, SUBSCRIPTION } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

let arm: TestArm;
beforeEach(async () => {
  arm = await startTestArm();
});
afterEach(() => arm.close());

const groups = `/subscriptions/${SUBSCRIPTION}/resourcegroups?api-version=2021-04-01`;
const get = () => arm.send('GET', groups);

describe('injected faults', () => {
  test('answer with their status, with or without Retry-After, as often as asked for', async () => {
    arm.server.control.injectFault({ path: '*/resourcegroups', status: 429, retryAfterSeconds: 7 });
    arm.server.control.injectFault({ method: 'GET', status: 503, times: 2 });
    const [first, second, third, fourth] = [await get(), await get(), await get(), await get()];
    expect(first).toMatchObject({ status: 429, body: { error: { code: 'TooManyRequests' } } });
    expect(first.headers['retry-after']).toBe('7');
    expect(second.status).toBe(503);
    expect(second.headers['retry-after']).toBeUndefined();
    expect([third.status, fourth.status]).toEqual([503, 200]);
  });

  test('are met by the SDK, which waits and tries again when told how long', async () => {
    arm.server.control.injectFault({ status: 429, retryAfterSeconds: 0 });
    expect(await allOf(arm.resources().resourceGroups.list())).toEqual([]);
    arm.server.control.injectFault({ status: 429, message: 'slow down' });
    const error = await errorOf(arm.subscriptions().subscriptions.get('x'));
    expect(error).toMatchObject({ statusCode: 429, code: 'TooManyRequests' });
  });

  test('make an answer slow, and leave it as it is', async () => {
    arm.server.control.injectFault({ path: '/subscriptions/*', delayMs: 150 });
    const began = performance.now();
    expect(await get()).toMatchObject({ status: 200 });
    expect(performance.now() - began).toBeGreaterThan(140);
  });

  test('change nothing, and are gone when cleared', async () => {
    const body = { location: 'westeurope' };
    const put = () => arm.send('PUT', groups.replace('?', '/one?'), body);
    arm.server.control.injectFault({ method: 'PUT', status: 503, times: 9 });
    expect((await put()).status).toBe(503);
    expect((await get()).body?.['value']).toEqual([]);
    arm.server.control.clearFaults();
    expect((await put()).status).toBe(201);
  });
});

describe('the switches for another process', () => {
  const command = (name: string, body: unknown, headers = {}) =>
    arm.send('POST', `/local/control/${name}`, body, headers);

  test('are the same as in this one', async () => {
    expect(await command('injectFault', { status: 418, code: 'Teapot' })).toMatchObject({
      status: 200,
    });
    expect(await get()).toMatchObject({ status: 418, body: { error: { code: 'Teapot' } } });
    await command('injectFault', { status: 503, times: 5 });
    // The command that clears is a request as well: faults spare the switches.
    expect((await command('clearFaults', {})).status).toBe(200);
    expect((await get()).status).toBe(200);
  });

  test('put samples and entries, and set quotas', async () => {
    const resourceId = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/A.B/c/d`;
    const numbers = { count: 1, total: 2, minimum: 2, maximum: 2 };
    const sample = { resourceId, namespace: 'A.B/c', metric: 'm', timeMs: arm.now, ...numbers };
    expect((await command('putMetrics', { samples: [sample] })).status).toBe(200);
    const { value } = await arm.monitor().metrics.list(resourceId, { metricnames: 'm' });
    expect(value[0]?.timeseries).toHaveLength(1);
    const event = { timeMs: arm.now, resourceId, operationName: 'A.B/c/act', status: 'Succeeded' };
    expect((await command('putActivityEvents', { events: [event] })).status).toBe(200);
    const filter = `eventTimestamp ge '${new Date(arm.now - 1).toISOString()}'`;
    expect(await allOf(arm.monitor().activityLogs.list(filter))).toHaveLength(1);
    const quota = { usageName: 'OpenAI.Standard.gpt-4o', limit: 7 };
    const place = { subscription: SUBSCRIPTION, location: 'westeurope' };
    expect((await command('setModelQuota', { ...place, ...quota })).status).toBe(200);
    const usages = await allOf(arm.cognitive().usages.list('westeurope'));
    expect(usages).toContainEqual(expect.objectContaining({ limit: 7 }));
    for (const [name, body] of [
      ['setMetricDelay', { delayMs: 1000 }],
      ['failOperations', { code: 'C', message: 'm' }],
      [
        'setModelBackend',
        { location: 'local', modelName: 'gpt-4o', skuName: 'Standard', units: 1 },
      ],
    ] as const) {
      expect((await command(name, body)).status).toBe(200);
    }
  });

  test('need the token', async () => {
    const answer = await command('injectFault', { status: 503 }, { authorization: 'Bearer x' });
    expect(answer.status).toBe(401);
    expect((await get()).status).toBe(200);
  });

  test('say which field is wrong, and which commands there are', async () => {
    const wrong = await command('injectFault', { status: 200 });
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'BadRequest' } } });
    expect(wrong.text).toContain('status');
    expect((await command('injectFault', { colour: 'red' })).text).toContain('colour');
    const unknown = await command('constructor', {});
    expect(unknown.status).toBe(404);
    expect(unknown.text).toContain('injectFault');
  });
});
