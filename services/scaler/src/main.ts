import { runService } from '@headroom/runtime';
import { compose } from './compose.ts';
import { readConfig } from './config.ts';
import { createEvents } from './events.ts';

await runService({
  name: 'scaler',
  start: async ({ env, log, signal }) => {
    await using scaler = await compose(readConfig(env), createEvents(log));
    await scaler.run(signal);
  },
});
