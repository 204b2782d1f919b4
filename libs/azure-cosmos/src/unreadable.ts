import type { Problem } from '@headroom/core';

/** A stored document that this version of the code cannot read. */
export class UnreadableDocument extends Error {
  override readonly name = 'UnreadableDocument';
  readonly document: string;
  readonly problems: readonly Problem[];

  constructor(document: string, problems: readonly Problem[]) {
    super(
      `the document ${document} cannot be read: ${problemText(problems)}. ` +
        'Was it written by a later version? Upgrade, or mend the document.',
    );
    this.document = document;
    this.problems = problems;
  }
}

export function problemText(problems: readonly Problem[]): string {
  return problems.map(({ field, message }) => `${field}: ${message}`).join('; ');
}
