/** Tokens of one call as the backend counted them. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Usage stands at the end of an answer, or in the last events of a stream. */
const tailBytesMax = 16_384;
const newline = 0x0a;

/** Reads along with an answer that streams past; holds its last bytes only. */
export class AnswerWatch {
  /** Server-sent events so far: each is about a token. */
  events = 0;
  bytes = 0;
  #tail: Uint8Array[] = [];
  #tailBytes = 0;
  #last = 0;
  readonly #countsEvents: boolean;

  constructor(contentType: string | undefined) {
    this.#countsEvents = contentType?.startsWith('text/event-stream') === true;
  }

  add(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.#countsEvents) this.#countEvents(chunk);
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    for (;;) {
      const first = this.#tail[0];
      if (first === undefined || this.#tailBytes - first.length < tailBytesMax) return;
      this.#tail.shift();
      this.#tailBytes -= first.length;
    }
  }

  /** The last that the answer says; `undefined` where it says nothing. */
  usage(): Usage | undefined {
    return usageIn(this.text());
  }

  /** Of a short answer all of it. */
  text(): string {
    return Buffer.concat(this.#tail).subarray(-tailBytesMax).toString('latin1');
  }

  /** An empty line ends an event. */
  #countEvents(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) {
      const before = at === 0 ? this.#last : chunk[at - 1];
      if (before === newline) this.events++;
    }
    this.#last = chunk.at(-1) ?? this.#last;
  }
}

function usageIn(text: string): Usage | undefined {
  for (let at = text.lastIndexOf('"usage"'); at !== -1; at = text.lastIndexOf('"usage"', at - 1)) {
    const rest = text.slice(at);
    const prompt = /"(?:prompt|input)_tokens"\s*:\s*(\d{1,9})/.exec(rest);
    const completion = /"(?:completion|output)_tokens"\s*:\s*(\d{1,9})/.exec(rest);
    if (prompt !== null) {
      return { promptTokens: Number(prompt[1]), completionTokens: Number(completion?.[1] ?? 0) };
    }
    if (at === 0) return undefined;
  }
  return undefined;
}
