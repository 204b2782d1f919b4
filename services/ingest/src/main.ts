import { runService } from '@headroom/runtime';
import { compose } from './compose.ts';
import { readConfig } from './config.ts';
import { createEvents } from './events.ts';

await runService({
  name: 'ingest',
  start: async ({ env, log, signal }) => {
    await using ingest = await compose(readConfig(env), createEvents(log));
    await ingest.run(signal);
  },
});
