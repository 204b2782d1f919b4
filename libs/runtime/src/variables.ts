import { z } from 'zod';

const portShape = 'a port from 0 to 65535; 0 takes a free one';
/** A port to listen on. */
export const portNumber = z.coerce
  .number(portShape)
  .int(portShape)
  .min(0, portShape)
  .max(65_535, portShape);

/** Where the health page listens: loopback and a free port unless HEALTH_HOST and HEALTH_PORT say otherwise. */
export function healthAddress() {
  const host = z.string('an address of this machine, 127.0.0.1 or 0.0.0.0');
  return z
    .object({ HEALTH_HOST: host.default('127.0.0.1'), HEALTH_PORT: portNumber.default(0) })
    .transform(({ HEALTH_HOST, HEALTH_PORT }) => ({ host: HEALTH_HOST, port: HEALTH_PORT }));
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** An http or https address. `expected` completes the sentence "expected …". */
export function urlText(expected: string) {
  return z.string(expected).regex(/^https?:\/\/[^\s/]+/, expected);
}
