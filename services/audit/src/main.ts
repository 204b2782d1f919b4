import { runService } from '@headroom/runtime';
import { compose } from './compose.ts';
import { readConfig } from './config.ts';
import { createEvents } from './events.ts';

await runService({
  name: 'audit',
  start: async ({ env, log, signal }) => {
    await using audit = await compose(readConfig(env), createEvents(log));
    await audit.run(signal);
  },
});
