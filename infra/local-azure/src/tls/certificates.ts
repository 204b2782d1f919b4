// Before x509, which registers its classes through it.
import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { writeFileAtomically } from '../files.ts';

export interface Certificates {
  /** Path of the authority's certificate, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const CA_DAYS = 3650;
const SERVER_DAYS = 365;
/** A server certificate with less left is made anew at the start; clients trust the authority. */
const RENEWAL_DAYS = 30;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

interface Pair {
  readonly certificate: X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
}

/**
 * The servers' certificate for localhost, 127.0.0.1 and ::1, and the authority that signed it. Made at the
 * first start and kept in the folder, keys readable by the owner only.
 */
export async function loadCertificates(folder: string, now: number): Promise<Certificates> {
  const caFile = join(folder, 'ca.pem');
  const serverFile = join(folder, 'server.pem');
  const serverKeyFile = join(folder, 'server-key.pem');
  const known = existsSync(caFile) && existsSync(serverFile) && existsSync(serverKeyFile);
  if (!known || expiresSoon(serverFile, now)) await makeServer(folder, now);
  return {
    caFile,
    ca: readFileSync(caFile, 'utf8'),
    certificate: readFileSync(serverFile, 'utf8'),
    privateKey: readFileSync(serverKeyFile, 'utf8'),
  };
}

function expiresSoon(file: string, now: number): boolean {
  const { notAfter } = new X509Certificate(readFileSync(file, 'utf8'));
  return notAfter.getTime() - now < RENEWAL_DAYS * DAY_MS;
}

async function makeServer(folder: string, now: number): Promise<void> {
  const authority = (await readAuthority(folder)) ?? (await makeAuthority(folder, now));
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=localhost',
    issuer: authority.certificate.subject,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + SERVER_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      await AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
    ],
  });
  await savePair(folder, 'server', { certificate, privateKey: keys.privateKey });
}

async function makeAuthority(folder: string, now: number): Promise<Pair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=Headroom local authority',
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + CA_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      // A client may trust the authorities of several folders, which have one name.
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pair = { certificate, privateKey: keys.privateKey };
  await savePair(folder, 'ca', pair);
  return pair;
}

async function readAuthority(folder: string): Promise<Pair | undefined> {
  const [file, keyFile] = [join(folder, 'ca.pem'), join(folder, 'ca-key.pem')];
  if (!existsSync(file) || !existsSync(keyFile)) return undefined;
  const certificate = new X509Certificate(readFileSync(file, 'utf8'));
  const base64 = readFileSync(keyFile, 'utf8').replaceAll(/-----[^-]+-----|\s/g, '');
  const der = Buffer.from(base64, 'base64');
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
  return { certificate, privateKey };
}

/** The key first: a certificate without its key would be taken for a finished pair. */
async function savePair(folder: string, name: string, pair: Pair): Promise<void> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', pair.privateKey));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const pem = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
  writeFileAtomically(join(folder, `${name}-key.pem`), pem);
  writeFileAtomically(join(folder, `${name}.pem`), `${pair.certificate.toString('pem')}\n`);
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  // A serial number is a positive integer: the first bit is the sign.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
