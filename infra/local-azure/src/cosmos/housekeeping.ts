import { setImmediate } from 'node:timers/promises';
import type { FailureListener } from '../http.ts';
import type { DataPlane } from './route.ts';
import { itemsOf } from './route.ts';

const SWEEP_INTERVAL_MS = 5_000;
const MAX_SWEPT_ITEMS = 1_000;
/** How soon an index that a query asked for begins to be built. */
const BUILD_INTERVAL_MS = 100;

/** What is done beside the requests: expired items are deleted, indexes are built. */
export function keepHouse(plane: DataPlane, onFailure: FailureListener): Disposable {
  let [isBuilding, isClosed] = [false, false];
  const build = async (): Promise<void> => {
    isBuilding = true;
    try {
      while (!isClosed && buildTurn(plane)) await setImmediate();
    } finally {
      isBuilding = false;
    }
  };
  const timers = [
    setInterval(() => sweep(plane, onFailure), SWEEP_INTERVAL_MS),
    setInterval(() => {
      if (!isBuilding) void build().catch(onFailure);
    }, BUILD_INTERVAL_MS),
  ];
  const close = (): void => {
    isClosed = true;
    timers.forEach(clearInterval);
  };
  return { [Symbol.dispose]: close };
}

/** Reads hide what has expired; this gives the room back. A full disk must not end the server. */
function sweep(plane: DataPlane, onFailure: FailureListener): void {
  try {
    for (const container of plane.catalog.allContainers()) {
      itemsOf(plane, container).sweep(MAX_SWEPT_ITEMS);
    }
  } catch (error) {
    onFailure(error);
  }
}

/** One turn of building; false when there is nothing to build. */
function buildTurn(plane: DataPlane): boolean {
  const n = plane.indexes.unfinished();
  if (n === undefined) return false;
  const container = [...plane.catalog.allContainers()].find((each) => each.n === n);
  if (container === undefined) return false;
  const items = itemsOf(plane, container);
  plane.indexes.build(n, (after, limit) => items.numbered(after, limit));
  return true;
}
