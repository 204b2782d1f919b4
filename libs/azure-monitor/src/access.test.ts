import { expect, test } from '@jest/globals';
import { metricsEndpointOf } from './access.ts';

test.each([
  [{}, 'https://westeurope.metrics.monitor.azure.com'],
  [{ endpoint: 'https://management.azure.com/' }, 'https://westeurope.metrics.monitor.azure.com'],
  [
    { endpoint: 'https://management.chinacloudapi.cn' },
    'https://westeurope.metrics.monitor.azure.cn',
  ],
  [{ endpoint: 'https://localhost:4567' }, 'https://localhost:4567'],
  [{ metricsEndpoint: 'https://{region}.example' }, 'https://westeurope.example'],
])('metrics of %j are at %s', (options, expected) => {
  expect(metricsEndpointOf(options, 'westeurope')).toBe(expected);
});
