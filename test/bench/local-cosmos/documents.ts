import type { Container } from '@azure/cosmos';

export const documents = 1_000_000;
const targets = 200;
const months = ['2026-09', '2026-10', '2026-11'] as const;
const batchSize = 100;
const batchesAtOnce = 8;
const startMs = Date.UTC(2026, 8, 1);
/** Between two documents, so that all of them fill the three months. */
const stepMs = Math.floor((91 * 24 * 3_600_000) / documents);

export const idOf = (n: number): string => `decision:${String(n).padStart(9, '0')}`;
export const atOf = (n: number): number => startMs + n * stepMs;
const monthOf = (n: number): string =>
  months[Math.min(2, Math.floor((3 * n) / documents))] ?? months[2];
export const targetOf = (n: number): string => `/subscriptions/s/endpoints/e${n % targets}`;
export const keyOf = (n: number): string[] => [targetOf(n), monthOf(n)];

export function documentOf(n: number) {
  const kinds = ['decision', 'decision', 'outcome', 'setting'];
  return {
    id: idOf(n),
    target: targetOf(n),
    month: monthOf(n),
    at: atOf(n),
    kind: kinds[n % kinds.length] ?? '',
    v: 1,
    decision: {
      rule: `cpu-${n % 7}`,
      from: n % 9,
      to: (n % 9) + 1,
      why: 'above 70 % for 5 minutes',
    },
  };
}

interface Filled {
  readonly perSecond: number;
  readonly beside: string;
}

/** Batches of 100 within a partition, several at a time. */
export async function fill(container: Container): Promise<Filled> {
  const started = performance.now();
  let next = 0;
  const perMonth = Math.ceil(documents / months.length);
  const blocks = months.flatMap((_, month) =>
    Array.from({ length: targets }, (_, target) => ({ first: month * perMonth, target })),
  );
  const worker = async (): Promise<void> => {
    for (let block = blocks[next++]; block !== undefined; block = blocks[next++]) {
      await fillBlock(
        container,
        block.first,
        Math.min(documents, block.first + perMonth),
        block.target,
      );
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, worker));
  const perSecond = (documents * 1_000) / (performance.now() - started);
  const beside = `${documents} documents, batches of ${batchSize}, ${batchesAtOnce} at once`;
  return { perSecond, beside };
}

async function fillBlock(
  container: Container,
  first: number,
  end: number,
  target: number,
): Promise<void> {
  let batch: ReturnType<typeof documentOf>[] = [];
  const flush = async (): Promise<void> => {
    const [one] = batch;
    if (one === undefined) return;
    const operations = batch.map((resourceBody) => ({
      operationType: 'Create' as const,
      resourceBody,
    }));
    const { code } = await container.items.batch(operations, [one.target, one.month]);
    if (code !== 200) throw new Error(`A batch was answered with ${code}.`);
    batch = [];
  };
  const offset = (((target - first) % targets) + targets) % targets;
  for (let n = first + offset; n < end; n += targets) {
    const document = documentOf(n);
    if (batch.length === batchSize || (batch[0] !== undefined && batch[0].month !== document.month))
      await flush();
    batch.push(document);
  }
  await flush();
}
