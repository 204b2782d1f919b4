/** What was found in a file of records. */
export interface FoundRecord {
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly text: string;
  /** Why it cannot be a record, where that is known already. */
  readonly problem?: string;
}

export interface SplitOptions {
  /** A line break ends whatever was begun: one bad line of NDJSON does not spoil the rest. */
  readonly lines: boolean;
}

/** Longest record that is kept whole. Event Hubs takes messages of 1 MB. */
export const recordCharsMax = 1_000_000;

const envelopeKey = 'records';

/**
 * Finds the records in a file of Azure Monitor records, chunk by chunk, without holding the file: `{"records":[…]}`, arrays
 * of those, bare records, NDJSON, one after the other. It looks at brackets and quotes only; whether a record is JSON is
 * for `JSON.parse` to say.
 *
 *     between ──{──► record ──its }──► between           (found)
 *        ▲             │ "records": [                    (it was an envelope: forget it)
 *        │             ▼
 *        │          between, enveloped ──]──► tail ──}──► between
 */
export class RecordSplitter {
  readonly #lines: boolean;
  #state: 'between' | 'word' | 'record' | 'tail' = 'between';
  #enveloped = false;
  #line = 1;
  #startLine = 1;
  /** What earlier chunks held of the record that is being read, and where it goes on in this one. */
  #carried = '';
  #from = 0;
  /** Brackets that are open within the record or tail. */
  #depth = 0;
  #quoted = false;
  #escaped = false;
  /** The newest string on the record's own level is the key of an envelope. */
  #atEnvelopeKey = false;

  constructor(options: SplitOptions) {
    this.#lines = options.lines;
  }

  /** The records that end in this chunk. */
  push(chunk: string): readonly FoundRecord[] {
    const found: FoundRecord[] = [];
    this.#from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const record = this.#step(chunk, at);
      if (record !== undefined) found.push(record);
    }
    if (this.#reading()) this.#carry(chunk.slice(this.#from));
    return found;
  }

  /** What the file ended in the middle of. */
  finish(): readonly FoundRecord[] {
    return this.#reading() ? [this.#end('', this.#breakOff('file'))] : [];
  }

  #step(chunk: string, at: number): FoundRecord | undefined {
    const char = chunk.charAt(at);
    if (char === '\n') return this.#newLine(chunk, at);
    switch (this.#state) {
      case 'between':
        this.#between(char, at);
        return undefined;
      case 'word':
        return this.#word(char, chunk, at);
      case 'record':
        return this.#record(char, chunk, at);
      case 'tail':
        this.#tail(char, chunk, at);
        return undefined;
    }
  }

  #newLine(chunk: string, at: number): FoundRecord | undefined {
    this.#line++;
    if (!this.#lines && this.#state !== 'word') return undefined;
    const begun = this.#reading();
    const broken = begun
      ? this.#end(chunk.slice(this.#from, at), this.#breakOff('line'))
      : undefined;
    this.#reset();
    if (this.#lines) this.#enveloped = false;
    return broken;
  }

  #between(char: string, at: number): void {
    if (char === ']' && this.#enveloped) {
      this.#reset();
      this.#state = 'tail';
      this.#enveloped = false;
    } else if (!' \t\r,[]}\uFEFF'.includes(char)) {
      this.#state = char === '{' ? 'record' : 'word';
      this.#depth = 1;
      this.#from = at;
      this.#startLine = this.#line;
    }
  }

  /** Something that is no object: it ends where the next thing may begin. */
  #word(char: string, chunk: string, at: number): FoundRecord | undefined {
    if (!'{,[]}'.includes(char)) return undefined;
    const record = this.#end(chunk.slice(this.#from, at), notAnObject);
    this.#between(char, at);
    return record;
  }

  #record(char: string, chunk: string, at: number): FoundRecord | undefined {
    if (this.#bracket(char, chunk, at) === 'envelope') {
      this.#reset();
      this.#enveloped = true;
    } else if (this.#depth === 0) {
      return this.#end(chunk.slice(this.#from, at + 1));
    }
    return undefined;
  }

  /** The members of an envelope that follow its records. */
  #tail(char: string, chunk: string, at: number): void {
    if (this.#depth === 0) this.#depth = 1;
    this.#bracket(char, chunk, at);
    if (this.#depth === 0) this.#reset();
  }

  /** Follows quotes and brackets. */
  #bracket(char: string, chunk: string, at: number): 'envelope' | undefined {
    if (this.#quoted) {
      this.#inString(char, chunk, at);
    } else if (char === '"') {
      this.#quoted = true;
    } else if (char === '[' && this.#depth === 1 && this.#atEnvelopeKey) {
      return this.#state === 'record' ? 'envelope' : undefined;
    } else if (char === '{' || char === '[') {
      this.#depth++;
    } else if (char === '}' || char === ']') {
      this.#depth--;
    } else if (char === ',') {
      this.#atEnvelopeKey = false;
    }
    return undefined;
  }

  #inString(char: string, chunk: string, at: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (char === '\\') this.#escaped = true;
    else if (char === '"') {
      this.#quoted = false;
      if (this.#depth === 1) this.#atEnvelopeKey = this.#endsWithEnvelopeKey(chunk, at);
    }
  }

  #endsWithEnvelopeKey(chunk: string, at: number): boolean {
    const length = envelopeKey.length + 1;
    const inChunk = chunk.slice(Math.max(0, at - length), at);
    const text = inChunk.length === length ? inChunk : (this.#carried + inChunk).slice(-length);
    return text === `"${envelopeKey}`;
  }

  #reading(): boolean {
    return this.#state === 'record' || this.#state === 'word';
  }

  #breakOff(where: 'line' | 'file'): string {
    return this.#state === 'word' ? notAnObject : `the ${where} ends in the middle of it`;
  }

  #carry(text: string): void {
    this.#carried += text.slice(0, recordCharsMax + 1 - this.#carried.length);
  }

  #end(rest: string, problem?: string): FoundRecord {
    this.#carry(rest);
    const tooLong = this.#carried.length > recordCharsMax;
    const reason = tooLong ? `it is longer than ${recordCharsMax} characters` : problem;
    const found = { line: this.#startLine, text: this.#carried };
    this.#reset();
    return reason === undefined ? found : { ...found, problem: reason };
  }

  #reset(): void {
    this.#state = 'between';
    this.#carried = '';
    this.#depth = 0;
    this.#quoted = false;
    this.#escaped = false;
    this.#atEnvelopeKey = false;
  }
}

const notAnObject = 'it is no JSON object';

/** Whether line breaks separate records: yes for NDJSON, no where the first line leaves something open. */
export function separatesByLine(fileName: string, firstLine: string): boolean {
  if (/\.(ndjson|jsonl)$/i.test(fileName)) return true;
  return !/[{[,:]\s*$/.test(firstLine);
}
