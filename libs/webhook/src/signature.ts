import { createHmac } from 'node:crypto';

/** Shorter secrets are refused: 32 random bytes in hexadecimal are 64 characters. */
export const secretLengthMin = 32;

/** What a request is signed over. A signature is good for one method, one body and, by the receiver's clock, five minutes. */
export interface Signed {
  /** Seconds since 1970, as the header `headroom-timestamp` has it. */
  readonly timestamp: string;
  readonly method: string;
  /** Exactly as it is sent; of a GET empty. */
  readonly body: string;
}

/** `v1=` and the HMAC-SHA256 of `timestamp.METHOD.body` in hexadecimal: the header `headroom-signature`. */
export function signatureOf({ timestamp, method, body }: Signed, secret: string): string {
  const digest = createHmac('sha256', secret).update(`${timestamp}.${method}.${body}`);
  return `v1=${digest.digest('hex')}`;
}
