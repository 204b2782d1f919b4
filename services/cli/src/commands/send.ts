import { durationText } from '@headroom/core';
import { localEnvironment } from '@headroom/runtime';
import { eventHubs } from '@headroom/topology';
import type { Millis } from '@headroom/core';
import { CommandFailed } from '../command-failed.ts';
import { openEventHubs, silentLog } from '../connections.ts';
import { messages } from '../send/messages.ts';
import { newestEnd, readRecords, type ReadProgress } from '../send/read-records.ts';
import { moveToNow } from '../send/move-time.ts';
import { SendReport } from '../send/report.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { openProgress } from '../view/progress.ts';

export interface SendOptions {
  readonly data: string;
  readonly keepTimes: boolean;
  /** How the data came: decides how old it may be. */
  readonly path: string;
}

/** Messages that go to the hub in one call. */
const messagesPerCall = 16;

/** `headroom send FILE`. */
export async function send(
  file: string,
  options: SendOptions,
  around: Surroundings,
): Promise<ExitCode> {
  const env = localEnvironment(options.data, around.env);
  const moveMs = options.keepTimes ? 0 : await moveOf(file, around);
  const report = new SendReport();
  const hubs = await openEventHubs(env, silentLog);
  try {
    const publisher = hubs.metricPublisher(eventHubs.metrics.name);
    await publishFile(file, moveMs, report, around, (bodies) =>
      publisher.publish(bodies, options.path),
    );
  } finally {
    await hubs.close();
  }
  for (const line of report.lines(file)) around.err(`${line}\n`);
  around.out(`${report.sentText(eventHubs.metrics.name, options.path)}${movedText(moveMs)}\n`);
  return report.sent > 0 ? 0 : 1;
}

/** The file is read once before it is sent: the newest time may stand anywhere in it. */
async function moveOf(file: string, around: Surroundings): Promise<Millis> {
  const newest = await newestEnd(file);
  if (newest === undefined) {
    throw new CommandFailed(
      `${file} holds no record with a time. Expected Azure Monitor records: {"records":[{"time":…,"resourceId":…,"metricName":…}]}, an array of them, or one a line`,
    );
  }
  return moveToNow(newest, around.now());
}

async function publishFile(
  file: string,
  moveMs: Millis,
  report: SendReport,
  around: Surroundings,
  publish: (bodies: readonly Uint8Array[]) => Promise<void>,
): Promise<void> {
  const read: ReadProgress = { bytes: 0, totalBytes: 0 };
  const progress = openProgress(around);
  let waiting: Uint8Array[] = [];
  const flush = async () => {
    await publish(waiting);
    waiting = [];
    progress.at(read.bytes, read.totalBytes, report.sent);
  };
  try {
    for await (const message of messages(readRecords(file, read), moveMs, report)) {
      waiting.push(message);
      if (waiting.length === messagesPerCall) await flush();
    }
    if (waiting.length > 0) await flush();
  } finally {
    progress.close();
  }
}

function movedText(moveMs: Millis): string {
  if (moveMs === 0) return '';
  const direction = moveMs > 0 ? 'later' : 'earlier';
  return `; times are ${durationText(Math.abs(moveMs))} ${direction}`;
}
