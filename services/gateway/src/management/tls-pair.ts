import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ManagementConfig } from '../config/management.ts';
import type { TlsPair } from '../door/server.ts';

/** Reads certificate and key, and looks whether they belong together. What it throws names files, never what is in them. */
export function readTlsPair({
  certFile,
  keyFile,
}: Pick<ManagementConfig, 'certFile' | 'keyFile'>): TlsPair {
  const cert = textOf('GATEWAY_MANAGEMENT_CERT', certFile);
  const key = textOf('GATEWAY_MANAGEMENT_KEY', keyFile);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const message = `GATEWAY_MANAGEMENT_CERT (${certFile}) and GATEWAY_MANAGEMENT_KEY (${keyFile}) are no certificate and its private key, in PEM and without a password`;
    throw new Error(`${message}: ${codeOf(cause)}`);
  }
  return { cert, key };
}

function textOf(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${variable}: ${file} cannot be read: ${codeOf(cause)}`, { cause });
  }
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? 'unknown';
}
