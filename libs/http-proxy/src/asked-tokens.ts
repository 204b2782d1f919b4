/** What a model's request says about the tokens that it may take. */
export interface AskedTokens {
  /** `max_tokens`, `max_completion_tokens` or `max_output_tokens`: the greatest that was found. */
  readonly completionMax?: number;
  /** Answers to one prompt: the greater of `n` and `best_of`. */
  readonly answers: number;
  readonly stream: boolean;
  /** The deployment, where the path names none. */
  readonly model?: string;
}

const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c];
const [openObject, closeObject, openArray, closeArray] = [0x7b, 0x7d, 0x5b, 0x5d];
/** No name that is looked for, and no model's, is longer. */
const textBytesMax = 128;

const completionNames: ReadonlySet<string> = new Set([
  ...['max_tokens', 'max_completion_tokens', 'max_output_tokens'],
]);
const answerNames: ReadonlySet<string> = new Set(['n', 'best_of']);

/**
 * Reads the fields of the outermost object in the beginning of a JSON text, which may break off anywhere. Of a field that
 * comes twice the greater number counts: what is reserved is never less than what another reader would allow.
 */
export function askedTokens(prefix: Uint8Array): AskedTokens {
  const found: { completionMax?: number; answers: number; stream: boolean; model?: string } = {
    answers: 1,
    stream: false,
  };
  for (const { name, value } of outerFields(prefix)) {
    const amount = wholeNumber(value);
    if (completionNames.has(name) && amount !== undefined) {
      found.completionMax = Math.max(found.completionMax ?? 0, amount);
    } else if (answerNames.has(name) && amount !== undefined) {
      found.answers = Math.max(found.answers, amount);
    } else if (name === 'stream') {
      found.stream = value === 'true';
    } else if (name === 'model' && value.startsWith('"')) {
      found.model = value.slice(1, -1);
    }
  }
  return found;
}

interface OuterField {
  readonly name: string;
  /** The text of a number, a word, or a short string in its quotes; empty for all else. */
  readonly value: string;
}

function* outerFields(bytes: Uint8Array): Generator<OuterField> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let depth = 0;
  let name: string | undefined;
  let valueAt = -1;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case quote: {
        const end = stringEnd(text, at);
        if (depth === 1 && valueAt === -1) name = nameOf(shortText(text, at, end + 1));
        at = end;
        break;
      }
      case colon:
        if (depth === 1) valueAt = at + 1;
        break;
      case openObject:
      case openArray:
        depth++;
        break;
      case comma:
      case closeObject:
      case closeArray:
        if (depth === 1 && name !== undefined && valueAt !== -1) {
          yield { name, value: shortText(text, valueAt, at).trim() };
        }
        if (depth === 1) valueAt = -1;
        if (text[at] !== comma) depth--;
        break;
      default:
    }
  }
}

/** Where the closing quote is; the text's end where it breaks off. */
function stringEnd(text: Buffer, begin: number): number {
  for (let end = text.indexOf(quote, begin + 1); end !== -1; end = text.indexOf(quote, end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

function shortText(text: Buffer, begin: number, end: number): string {
  return end - begin > textBytesMax ? '' : text.toString('latin1', begin, end);
}

/** Escapes in a name must not hide it. */
function nameOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    // The text breaks off in it, or is no JSON: the backend will say so.
    return '';
  }
}

/** Any spelling of a number, rounded up: `1e3` is a thousand to a backend. */
function wholeNumber(value: string): number | undefined {
  if (!/^\d{1,15}(\.\d{1,15})?(e[+-]?\d{1,2})?$/i.test(value)) return undefined;
  return Math.min(Math.ceil(Number(value)), Number.MAX_SAFE_INTEGER);
}
