/** Skipped records that are named at most; the rest is counted. */
const namedMax = 20;

/** What became of the records of a file. */
export class SendReport {
  #sent = 0;
  #messages = 0;
  #skipped = 0;
  readonly #named: string[] = [];

  get sent(): number {
    return this.#sent;
  }

  send(records: number): void {
    this.#sent += records;
    this.#messages++;
  }

  skip(line: number, reason: string): void {
    this.#skipped++;
    if (this.#named.length < namedMax) this.#named.push(`line ${line}: ${reason}`);
  }

  /** What was left out, with its lines. */
  lines(file: string): readonly string[] {
    const more = this.#skipped - this.#named.length;
    return [
      ...this.#named.map((named) => `${file}: ${named}`),
      ...(more > 0 ? [`${file}: … and ${more} more`] : []),
    ];
  }

  sentText(hub: string, path: string): string {
    const skipped = this.#skipped > 0 ? `, skipped ${this.#skipped}` : '';
    return `sent ${this.#sent} records in ${this.#messages} messages to ${hub} (path ${path})${skipped}`;
  }
}
