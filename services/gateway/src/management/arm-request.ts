import type { IncomingMessage, ServerResponse } from 'node:http';
import { callBody } from '@headroom/http-proxy';
import { ArmError } from './arm-error.ts';
import { isObject } from './account-document.ts';
import type { ArmDocument } from './account-document.ts';

/** What a request asks for. */
export interface ArmTarget {
  /** Decoded, in the client's case. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

const targetCharactersMax = 8_192;
const bodyBytesMax = 1_048_576;
const bodyLimits = { prefixBytes: bodyBytesMax, bodyBytes: bodyBytesMax, idleMs: 5_000 };
const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset=(?:"utf-8"|utf-8)\s*)?$/i;

/** Not by `URL`, which would take the `//` that az sends for a host, and resolve dots. */
export function armTarget({ url = '' }: IncomingMessage): ArmTarget {
  if (url.length > targetCharactersMax) {
    throw new ArmError(414, 'RequestUriTooLong', 'The address is too long.');
  }
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  const query = new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
  const segments = path.split('/').filter((segment) => segment !== '');
  return { segments: segments.map(decodedSegment), query };
}

/** A slash, a dot segment or a control character in a name would make another id of it. */
function decodedSegment(segment: string): string {
  const decoded = percentDecoded(segment);
  if (decoded !== undefined && !/[/\\\p{Cc}]|^\.{1,2}$/u.test(decoded)) return decoded;
  throw new ArmError(400, 'BadRequest', 'The path has a segment that no resource can have.');
}

function percentDecoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Throws `ArmError` unless there is one, of the form that ARM's have. */
export function requireApiVersion({ query }: ArmTarget): void {
  const given = query.get('api-version') ?? '';
  if (/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(given)) return;
  if (given === '') {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.';
    throw new ArmError(400, 'MissingApiVersionParameter', message);
  }
  const message = 'The api-version is invalid: it is a date, such as 2024-10-01.';
  throw new ArmError(400, 'InvalidApiVersionParameter', message);
}

/** The JSON object in a request's body. Throws `ArmError`, and `BodyRefused` for one that is too long, slow or broken off. */
export async function bodyObject(
  request: IncomingMessage,
  answer: ServerResponse,
): Promise<ArmDocument> {
  const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = request.headers;
  if (!jsonType.test(type) || coding !== 'identity') {
    const message = 'The body is JSON (content-type: application/json), as it is.';
    throw new ArmError(415, 'UnsupportedMediaType', message);
  }
  if (request.headers.expect !== undefined) answer.writeContinue();
  const body = await callBody(request, bodyLimits, true);
  if (body.kind === 'streamed') {
    const message = `The request is above ${bodyBytesMax} bytes.`;
    throw new ArmError(413, 'RequestContentTooLarge', message);
  }
  const value = body.kind === 'none' ? undefined : parsed(body.bytes);
  if (isObject(value)) return value;
  throw new ArmError(400, 'InvalidRequestContent', 'The request body is no JSON object.');
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
