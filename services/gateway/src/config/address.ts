import { portNumber } from '@headroom/runtime';
import { z } from 'zod';

const hostShape = 'an address of this machine, 127.0.0.1 or 0.0.0.0';
const urlShape = 'an address without query, such as https://gateway.example.com';

/** Where the gateway listens (for this machine only, unless GATEWAY_HOST says otherwise), and how clients call it. */
export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end; absent: under whatever host a client called. */
  readonly url?: string;
}

/** `GATEWAY_HOST`, `GATEWAY_PORT` and `GATEWAY_URL`. */
export function gatewayAddress() {
  const url = z.string().regex(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, urlShape);
  return z
    .object({
      GATEWAY_HOST: z.string(hostShape).default('127.0.0.1'),
      GATEWAY_PORT: portNumber.default(0),
      GATEWAY_URL: url.optional(),
    })
    .transform(({ GATEWAY_HOST: host, GATEWAY_PORT: port, GATEWAY_URL }): GatewayAddress => ({
      host,
      port,
      ...(GATEWAY_URL === undefined ? {} : { url: GATEWAY_URL.replace(/\/+$/, '') }),
    }));
}
