import { runService } from '@headroom/runtime';
import { compose } from './compose.ts';
import { readConfig } from './config.ts';
import { createEvents } from './events.ts';

await runService({
  name: 'gateway',
  start: async ({ env, log, signal }) => {
    await using gateway = await compose(readConfig(env), createEvents(log));
    await gateway.run(signal);
  },
});
