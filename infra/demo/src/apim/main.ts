import { createServer } from 'node:http';
import { DefaultAzureCredential } from '@azure/identity';
import { namedValues } from './named-values.ts';
import { createReceiver } from './receiver.ts';

// The webhook of docs/limit-controllers.md for Azure API Management, as a process. It listens on this machine: put what
// ends TLS in front of it, or run it beside the scaler.

const armScope = 'https://management.azure.com/.default';
const credential = new DefaultAzureCredential();

const receiver = createReceiver({
  account: given('ACCOUNT').toLowerCase(),
  limits: new Map(Object.entries(JSON.parse(given('NAMED_VALUES')) as Record<string, string>)),
  secret: given('LIMIT_WEBHOOK_SECRET'),
  values: namedValues({
    endpoint: process.env['ARM_ENDPOINT'] ?? 'https://management.azure.com',
    service: given('APIM_SERVICE'),
    token: async () => (await credential.getToken(armScope)).token,
  }),
  now: Date.now,
});
const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, receiver);
server.listen(Number(process.env['PORT'] ?? 8090), '127.0.0.1');

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`set ${name}: see docs/limit-controllers.md`);
  return value;
}
