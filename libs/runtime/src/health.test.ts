import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startHealth } from './health.ts';
import type { Health, HealthReport } from './health.ts';
import type { EventFields, EventLog } from './log.ts';

describe('the health page', () => {
  let store: HealthReport;
  let said: [string, EventFields?][];
  let health: Health;
  const log: EventLog = {
    info: (event, fields) => said.push(fields === undefined ? [event] : [event, fields]),
    warn: () => undefined,
    error: () => undefined,
  };

  beforeEach(async () => {
    store = { ready: true };
    said = [];
    const counters = () => ({ decided: 3 });
    health = await startHealth({ port: 0, log, counters }, { store: () => store });
  });
  afterEach(async () => {
    await health[Symbol.asyncDispose]();
  });

  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`${health.url}${path}`, { method });
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, body };
  };

  test('takes a free port on loopback and says which', () => {
    expect(health.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(said).toEqual([['health.listening', { url: health.url }]]);
  });

  test('is live whether ready or not', async () => {
    store = { ready: false };
    expect(await get('/health/live')).toEqual({ status: 200, body: { status: 'live' } });
  });

  test('is ready when every check is, and says what is not', async () => {
    expect(await get('/health/ready')).toEqual({
      status: 200,
      body: { status: 'ready', checks: { store: { ready: true } } },
    });
    store = { ready: false, problem: 'Cosmos is away; SharedAccessKey=abc' };
    expect(await get('/health/ready')).toEqual({
      status: 503,
      body: {
        status: 'notReady',
        checks: {
          store: { ready: false, problem: 'Cosmos is away; SharedAccessKey=[redacted]' },
        },
      },
    });
  });

  test('shows counters', async () => {
    const { body } = await get('/health');
    expect(body).toMatchObject({ status: 'ready', counters: { decided: 3 }, pid: process.pid });
  });

  test('answers nothing else', async () => {
    expect((await get('/secrets')).status).toBe(404);
    expect((await get('/health/ready', 'DELETE')).status).toBe(405);
  });

  test('a port that is taken is named, with what to do', async () => {
    const port = Number(new URL(health.url).port);
    await expect(startHealth({ port, log }, {})).rejects.toThrow(
      /cannot use 127\.0\.0\.1:\d+: something else listens there\. Set HEALTH_PORT/,
    );
  });
});
