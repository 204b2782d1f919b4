const windowSeconds = 60;

/** Tokens of a sliding minute. */
export class TokenWindow {
  readonly #bySecond = new Array<number>(windowSeconds).fill(0);
  #second = 0;
  #sum = 0;

  /** Whether a call of so many tokens is within the limit of tokens a minute; then they are taken. Seconds do not go back. */
  take(second: number, tokens: number, limit: number): boolean {
    for (; this.#second < second; this.#second++) {
      const place = (this.#second + 1) % windowSeconds;
      this.#sum -= this.#bySecond[place] ?? 0;
      this.#bySecond[place] = 0;
    }
    if (this.#sum + tokens > limit) return false;
    const place = second % windowSeconds;
    this.#bySecond[place] = (this.#bySecond[place] ?? 0) + tokens;
    this.#sum += tokens;
    return true;
  }
}
