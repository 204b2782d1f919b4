import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Who listens, for the message when it cannot. */
export interface Listener {
  /** Begins a sentence: `The health page`. */
  readonly what: string;
  /** The environment's variable of its port. */
  readonly portVariable: string;
}

/** Answers where: `http://127.0.0.1:PORT`. Port 0 takes a free one. */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  listener: Listener,
): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    // `once` rejects with what the event `error` brings: a system error.
    throw new Error(problemOf(cause as NodeJS.ErrnoException, `${host}:${port}`, listener), {
      cause,
    });
  }
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${(server.address() as AddressInfo).port}`;
}

function problemOf(
  cause: NodeJS.ErrnoException,
  place: string,
  { what, portVariable }: Listener,
): string {
  if (cause.code !== 'EADDRINUSE') return `${what} cannot listen on ${place}: ${cause.message}`;
  const remedy = `Set ${portVariable} to another port, or to 0 for a free one.`;
  return `${what} cannot use ${place}: something else listens there. ${remedy}`;
}
