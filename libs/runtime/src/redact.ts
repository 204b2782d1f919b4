/** What stands where a secret was. */
export const redacted = '[redacted]';

/** Limits of what one log line takes over from a value. */
const depthMax = 6;
const entriesMax = 100;
const textMax = 8_192;

/** Fields whose text is a secret whatever it looks like. */
const secretNames = [
  '(access|id)?token',
  '(primary|secondary|shared|account|sharedAccess)?key',
  'secret|password|authorization|connectionString',
  '([a-z0-9]+_)+(key|token|secret|password|connection_string)',
];
const secretField = new RegExp(`^(${secretNames.join('|')})$`, 'i');

/** Secrets inside a text: the parts of connection strings, signatures and bearer tokens. */
const secretTexts: readonly [RegExp, string][] = [
  [/\b(SharedAccessKey|AccountKey|SharedAccessSignature|Password)=[^;"'\s]+/gi, `$1=${redacted}`],
  [/(?<![a-z])(sig|signature)=[^&;"'\s]+/gi, `$1=${redacted}`],
  [/(?<![a-z])(sig|signature)%3D[^&;"'\s]+/gi, `$1%3D${redacted}`],
  [/\bBearer\s+[\w.~+/=-]+/gi, `Bearer ${redacted}`],
];

/**
 * A copy of `value` that may be written down: without secrets, errors with their causes as plain
 * objects, cut to the limits above. Never throws, whatever the value.
 */
export function redact(value: unknown): unknown {
  return copyOf(value, 0);
}

/** The text without the secrets in it. */
export function redactText(text: string): string {
  const cut =
    text.length > textMax ? `${text.slice(0, textMax)}… (${text.length} characters)` : text;
  return secretTexts.reduce((left, [pattern, instead]) => left.replace(pattern, instead), cut);
}

function copyOf(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'bigint':
    case 'symbol':
      return value.toString();
    case 'function':
      return `[function ${value.name}]`;
    case 'object':
      return value === null ? null : objectOf(value, depth + 1);
    default:
      return value;
  }
}

function objectOf(value: object, depth: number): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth > depthMax) return '[too deep]';
  if (isError(value)) return errorOf(value, depth);
  if (Array.isArray(value)) return arrayOf(value, depth);
  if (value instanceof Map || value instanceof Set) return arrayOf([...value], depth);
  return Object.fromEntries(fieldsOf(value, depth));
}

/** Errors of another realm (a worker, a test) are no instances of our Error. */
function isError(value: object): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function arrayOf(values: readonly unknown[], depth: number): unknown[] {
  const kept = values.slice(0, entriesMax).map((entry) => copyOf(entry, depth));
  return values.length > entriesMax ? [...kept, `… (${values.length} entries)`] : kept;
}

function fieldsOf(value: object, depth: number): [string, unknown][] {
  return Object.entries(value)
    .slice(0, entriesMax)
    .map(([name, field]) => [name, isSecret(name, field) ? redacted : copyOf(field, depth)]);
}

function isSecret(name: string, field: unknown): boolean {
  return typeof field === 'string' && secretField.test(name);
}

/** SDK errors carry whole requests: only the fields that say what happened are taken. */
function errorOf(error: Error, depth: number): unknown {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return {
    type: error.name,
    message: redactText(error.message),
    ...(code === undefined ? {} : { code: copyOf(code, depth) }),
    ...(statusCode === undefined ? {} : { statusCode: copyOf(statusCode, depth) }),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: copyOf(error.cause, depth) }),
    ...(error instanceof AggregateError ? { errors: arrayOf(error.errors, depth) } : {}),
  };
}
