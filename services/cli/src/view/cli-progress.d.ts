/** cli-progress brings no types: what we use of it. */
declare module 'cli-progress' {
  export class SingleBar {
    constructor(options: {
      readonly format: string;
      readonly stream: NodeJS.WritableStream;
      /** Ctrl-C would leave a terminal without a cursor, and without line wrapping: neither is taken. */
      readonly hideCursor: false;
      readonly linewrap: true;
      readonly clearOnComplete?: boolean;
    });
    start(total: number, value: number, payload?: object): void;
    update(value: number, payload?: object): void;
    stop(): void;
  }
}
