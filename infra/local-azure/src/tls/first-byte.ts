import type { Server, Socket } from 'node:net';
import { createServer } from 'node:tls';

/** What a TLS server shows to its clients, PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Every TLS connection begins with a record of this type; no HTTP request and no AMQP header does. */
const TLS_HANDSHAKE = 0x16;
/** A client that says nothing, or does not finish its handshake, is cut off after this. */
export const SILENCE_LIMIT_MS = 10_000;

/**
 * Lets a server speak TLS and plain on its one port: the first byte of a connection tells which.
 * Call it when the server has its listener for connections; TLS ones come to the same listener,
 * decrypted. Without a certificate a TLS client's handshake fails. What is returned ends every connection: some may not have got to that listener.
 */
export function serveTlsToo(
  server: Server,
  pair: ServerCertificate | undefined,
  silenceLimitMs = SILENCE_LIMIT_MS,
): Disposable {
  const listeners = server.listeners('connection');
  const hand = (socket: Socket): void => {
    for (const listener of listeners) Reflect.apply(listener, server, [socket]);
  };
  const secure = createServer({
    ...(pair === undefined ? {} : { cert: pair.certificate, key: pair.privateKey }),
    handshakeTimeout: silenceLimitMs,
  });
  secure.on('secureConnection', hand);
  secure.on('tlsClientError', (_, socket) => void socket.destroy());
  const sockets = new Set<Socket>();
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    awaitFirstByte(socket, silenceLimitMs, (first) => {
      if (first === TLS_HANDSHAKE) secure.emit('connection', socket);
      else hand(socket);
    });
  });
  return {
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The bytes that came are put back: whoever takes the socket reads them first. */
function awaitFirstByte(
  socket: Socket,
  silenceLimitMs: number,
  decided: (first: number) => void,
): void {
  const silent = setTimeout(() => socket.destroy(), silenceLimitMs);
  // 'close' follows; until somebody takes the socket, nobody else would hear the error.
  const ignore = (): void => undefined;
  socket.on('error', ignore);
  socket.once('close', () => clearTimeout(silent));
  const look = (): void => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) return;
    clearTimeout(silent);
    socket.off('readable', look);
    socket.unshift(bytes);
    decided(bytes[0] ?? 0);
  };
  socket.on('readable', look);
}
