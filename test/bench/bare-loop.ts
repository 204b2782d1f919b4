import { EventHubConsumerClient } from '@azure/event-hubs';

/**
 * The least that anybody could do with the SDK: receive every event of the hub and look at none. Prints what it received as
 * a JSON line every 20 ms. Its consumer group is another than the router's.
 */
const [hub = ''] = process.argv.slice(2);
// Not an argument: those can be read by everybody on the machine.
const connection = process.env['EVENTHUBS_CONNECTION_STRING'] ?? '';
const client = new EventHubConsumerClient('$Default', connection, hub);
let events = 0;
client.subscribe(
  {
    processEvents: (received) => {
      events += received.length;
      return Promise.resolve();
    },
    processError: (error) => {
      process.stderr.write(`${error.message}\n`);
      return Promise.resolve();
    },
  },
  {
    startPosition: { sequenceNumber: -1, isInclusive: false },
    maxBatchSize: 300,
    maxWaitTimeInSeconds: 1,
    prefetchCount: 3_000,
    skipParsingBodyAsJson: true,
  },
);
setInterval(() => process.stdout.write(`${JSON.stringify({ events })}\n`), 20);
