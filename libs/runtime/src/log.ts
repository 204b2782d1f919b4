import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import { redact } from './redact.ts';
import { logLevels } from './variables.ts';
import type { LogLevel } from './variables.ts';

/** Structured logging: an event's name and its fields. */
export interface EventLog {
  info(event: string, fields?: EventFields): void;
  warn(event: string, fields?: EventFields): void;
  error(event: string, fields?: EventFields): void;
}

export type EventFields = Readonly<Record<string, unknown>>;

export interface LogOptions {
  readonly level?: LogLevel;
  /** Standard output unless given. */
  readonly destination?: DestinationStream;
}

/**
 * A log of JSON lines: `{"level","time","name","pid","event",…fields}`. Secrets in fields are
 * taken out (`redact`). Writing is synchronous, so that the last line before a death is there.
 */
export function createLog(name: string, options: LogOptions = {}): EventLog {
  const logger = pino(
    {
      base: { name, pid: process.pid },
      level: options.level ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination ?? standardOutput(),
  );
  const line = (event: string, fields?: EventFields): object => ({
    event,
    ...(redact(fields ?? {}) as object),
  });
  return {
    info: (event, fields) => logger.info(line(event, fields)),
    warn: (event, fields) => logger.warn(line(event, fields)),
    error: (event, fields) => logger.error(line(event, fields)),
  };
}

/** The level that LOG_LEVEL names; `info` where it names none. */
export function logLevelOf(named: string | undefined): LogLevel {
  return logLevels.find((level) => level === named) ?? 'info';
}

function standardOutput(): DestinationStream {
  const stream = pino.destination({ dest: 1, sync: true });
  // Whoever read our output has gone (EPIPE). The work goes on without being watched.
  stream.on('error', () => undefined);
  return stream;
}
