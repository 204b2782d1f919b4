import { expect, test } from '@jest/globals';
import { Sqlite } from '../sqlite.ts';
import { Catalog, schema } from './catalog.ts';
import { ItemIndexes } from './item-index/item-indexes.ts';
import { itemsOf, route } from './route.ts';

test('a query whose container is deleted between two slices of its scan finds no container', async () => {
  const sqlite = new Sqlite(':memory:', schema);
  const indexes = new ItemIndexes(sqlite);
  const clock = (): number => 0;
  const catalog = new Catalog(sqlite, clock, indexes);
  catalog.createDatabase({ id: 'd' });
  const container = catalog.createContainer('d', { id: 'c', partitionKey: { paths: ['/p'] } });
  const plane = { sqlite, indexes, catalog, clock };
  const items = itemsOf(plane, container);
  for (let n = 0; n < 1_200; n++) items.create('["a"]', { id: String(n), p: 'a' });
  const answer = route(plane, {
    method: 'POST',
    segments: ['dbs', 'd', 'colls', 'c', 'docs'],
    headers: { 'x-ms-documentdb-isquery': 'true' },
    body: JSON.stringify({ query: 'SELECT VALUE COUNT(1) FROM c WHERE IS_DEFINED(c.p)' }),
    baseUrl: 'http://localhost/',
  });
  catalog.deleteContainer('d', 'c');
  await expect(answer).rejects.toMatchObject({ status: 404, substatus: 1003 });
  sqlite.close();
});
