import { readFileSync } from 'node:fs';
import type { LocalAzure, MetricSample } from '@headroom/local-azure';
import { Agent, request } from 'undici';
import type { ArmSetting } from '../reference/azure-engine/arm-setting.ts';
import type { Series } from '../reference/azure-engine/metric-database.ts';
import type { Recording } from '../reference/azure-engine/run-setting.ts';

/** Samples that go in at once: a transaction each. */
const samplesAtOnce = 20_000;

/** Leaves in the embedded Azure what a run left on record: the setting, its metrics and its entries of the activity log. */
export async function publish(azure: LocalAzure, recording: Recording): Promise<number> {
  const { member, database, activity } = recording;
  await putSetting(azure, member.setting);
  azure.control.putActivityEvents(activity);
  let points = 0;
  for (const series of database.all()) {
    for (const samples of portionsOf(series, database.begin)) {
      azure.control.putMetrics(samples);
      points += samples.length;
    }
  }
  return points;
}

async function putSetting(azure: LocalAzure, setting: ArmSetting): Promise<void> {
  const { ARM_ENDPOINT, ARM_TOKEN, NODE_EXTRA_CA_CERTS } = azure.env;
  const dispatcher = new Agent({ connect: { ca: readFileSync(NODE_EXTRA_CA_CERTS, 'utf8') } });
  const { location, properties } = setting;
  const answer = await request(`${ARM_ENDPOINT}${setting.id}?api-version=2022-10-01`, {
    ...{ method: 'PUT', dispatcher },
    headers: { authorization: `Bearer ${ARM_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ location, properties }),
  });
  const text = await answer.body.text();
  await dispatcher.close();
  if (answer.statusCode >= 300) throw new Error(`${setting.name}: ${text}`);
}

function* portionsOf(series: Series, begin: number): Generator<readonly MetricSample[]> {
  const { resource: resourceId, namespace, metric, dimensions } = series.name;
  const of = { resourceId, namespace, metric, dimensions };
  let samples: MetricSample[] = [];
  for (let minute = 0; minute < series.minutes; minute++) {
    const measured = series.at(minute);
    if (measured === undefined) continue;
    samples.push({ ...of, timeMs: begin + minute * 60_000, ...measured });
    if (samples.length < samplesAtOnce) continue;
    yield samples;
    samples = [];
  }
  if (samples.length > 0) yield samples;
}
