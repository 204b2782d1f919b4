import type { MonitorClient } from '@azure/arm-monitor';

/**
 * What lists hold, as Resource Manager sent it: the SDK asks and pages, and its own form of an entry, which knows the members
 * and types of one API version only, is left aside. One list after the other: an answer is known by being the last.
 */
export class RawPages {
  #body: string | undefined;

  constructor({ pipeline }: MonitorClient) {
    pipeline.addPolicy({
      name: 'headroom-listen',
      sendRequest: async (request, next) => {
        const answer = await next(request);
        this.#body = answer.bodyAsText ?? undefined;
        return answer;
      },
    });
  }

  /** The body of the last answer. */
  get last(): string | undefined {
    return this.#body;
  }

  /** The entries of the page that came last, of which the SDK counted so many. */
  entries(count: number): readonly unknown[] {
    const { value } = JSON.parse(this.#body ?? '{}') as { value?: unknown };
    if (Array.isArray(value) && value.length === count) return value as readonly unknown[];
    throw new Error(`a page of ${count} entries came without its text`);
  }
}
