/** How long a warning is worth waiting for. */
const answerLimitMs = 10_000;

/** What a warning is made of. Throws where it is not there in time. */
export async function withinLimit<T>(answer: Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(answerLimitMs);
  const late = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => reject(new Error(`no answer in ${answerLimitMs} ms`)));
  });
  return Promise.race([answer, late]);
}
