import { expect, test } from '@jest/globals';
import { Journal } from './journal.ts';

function makeJournal(): Journal {
  const journal = new Journal(':memory:');
  journal.db.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY)');
  return journal;
}

function add(journal: Journal, n: number): Promise<string> {
  return new Promise((resolve) => {
    journal.submit({
      write: () => journal.db.prepare('INSERT INTO numbers VALUES (?)').run(n),
      committed: () => resolve(journal.db.isTransaction ? 'too early' : 'committed'),
      failed: (error) => resolve(error.message),
    });
  });
}

function count(journal: Journal): unknown {
  return journal.db.prepare('SELECT count(*) AS n FROM numbers').get()?.['n'];
}

test('what is submitted in one turn is committed together, and told afterwards', async () => {
  const journal = makeJournal();
  const told = [add(journal, 1), add(journal, 2)];
  expect(count(journal)).toBe(0);
  expect(await Promise.all(told)).toEqual(['committed', 'committed']);
  expect(count(journal)).toBe(2);
  journal.close();
});

test('a transaction that fails takes nothing, and stops the journal with the reason', async () => {
  const journal = makeJournal();
  await add(journal, 1);
  const told = await Promise.all([add(journal, 2), add(journal, 1)]);
  expect(told).toEqual([expect.stringMatching(/UNIQUE/), expect.stringMatching(/UNIQUE/)]);
  expect(await add(journal, 3)).toMatch(/cannot write its data file.*start it again/);
  expect(count(journal)).toBe(1);
  journal.close();
});

test('what was submitted before the end is written; after it, all is refused', async () => {
  const journal = makeJournal();
  const last = add(journal, 1);
  journal.close();
  expect(await last).toBe('committed');
  expect(await add(journal, 2)).toMatch(/is stopping/);
});
