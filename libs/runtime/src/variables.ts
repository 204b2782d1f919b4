import { z } from 'zod';

/** Schemas over the environment for `readEnv`. `expected` completes the sentence "expected …". */

export function text(variable: string, expected: string) {
  return z.object({ [variable]: z.string(expected) }).transform((env) => valueOf(env, variable));
}

export function url(variable: string, expected: string) {
  return z.object({ [variable]: urlText(expected) }).transform((env) => valueOf(env, variable));
}

const portShape = 'a port from 0 to 65535; 0 takes a free one';
const portNumber = z.coerce
  .number(portShape)
  .int(portShape)
  .min(0, portShape)
  .max(65_535, portShape);

/** A TCP port; 0 lets the system choose a free one. */
export function port(variable: string, otherwise: number) {
  return z
    .object({ [variable]: portNumber.default(otherwise) })
    .transform((env) => env[variable] ?? otherwise);
}

/** Where the health page listens: loopback unless HEALTH_HOST says otherwise. */
export function healthAddress() {
  const host = z.string('an address of this machine, 127.0.0.1 or 0.0.0.0');
  return z
    .object({ HEALTH_HOST: host.default('127.0.0.1'), HEALTH_PORT: portNumber.default(0) })
    .transform(({ HEALTH_HOST, HEALTH_PORT }) => ({ host: HEALTH_HOST, port: HEALTH_PORT }));
}

export function oneOf<const T extends string>(
  variable: string,
  allowed: readonly [T, ...T[]],
  otherwise: T,
) {
  const value = z.enum(allowed, `one of ${allowed.join(', ')}`);
  return z
    .object({ [variable]: value.default(otherwise) })
    .transform((env) => env[variable] ?? otherwise);
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export function logLevel() {
  return oneOf('LOG_LEVEL', logLevels, 'info');
}

/** An http or https address, without a trailing slash of its own making. */
export function urlText(expected: string) {
  return z.string(expected).regex(/^https?:\/\/[^\s/]+/, expected);
}

function valueOf(env: Readonly<Record<string, string>>, variable: string): string {
  // The schema that made `env` holds this variable.
  return env[variable] ?? '';
}
