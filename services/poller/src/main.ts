import { runService } from '@headroom/runtime';
import { compose } from './compose.ts';
import { readConfig } from './config.ts';
import { createEvents } from './events.ts';

await runService({
  name: 'poller',
  start: async ({ env, log, signal }) => {
    await using poller = await compose(readConfig(env), createEvents(log));
    await poller.run(signal);
  },
});
