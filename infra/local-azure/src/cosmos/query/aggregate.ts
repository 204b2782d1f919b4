import { badRequest } from '../errors.ts';
import { canonical, compareText, compareValues } from './order.ts';
import type { AggregateName, Query, Value } from './query.ts';

/** Groups of one answer; they are held in memory. */
const MAX_GROUPS = 100_000;

type Slots = readonly Value[];

interface Group {
  readonly slots: Slots;
  readonly totals: readonly Total[];
}

/** Sorts rows into groups and sums each up. Without GROUP BY there is one group, of no rows at worst. */
export class Groups {
  private readonly query: Query;
  private readonly groups = new Map<string, Group>();

  constructor(query: Query) {
    this.query = query;
  }

  add(keys: readonly Value[], values: readonly Value[], slots: Slots): void {
    const key = keys.map(canonical).join();
    const group = this.groups.get(key) ?? this.begin(key, slots);
    for (const [index, total] of group.totals.entries()) total.add(values[index]);
  }

  /** In an order of their keys that does not depend on how the rows came; `slots` are those of a group's first row. */
  list(): readonly { readonly slots: Slots; readonly aggregates: readonly Value[] }[] {
    if (this.query.groupBy.length === 0 && this.groups.size === 0) this.begin('', []);
    const groups = [...this.groups].sort(([left], [right]) => compareText(left, right));
    return groups.map(([, { slots, totals }]) => ({
      slots,
      aggregates: totals.map((total) => total.value()),
    }));
  }

  private begin(key: string, slots: Slots): Group {
    if (this.groups.size >= MAX_GROUPS) {
      throw badRequest(`GROUP BY makes above ${MAX_GROUPS} groups: narrow the query.`);
    }
    const totals = this.query.aggregates.map(({ name }) => TOTALS[name]());
    const group = { slots, totals };
    this.groups.set(key, group);
    return group;
  }
}

interface Total {
  add(value: Value): void;
  value(): Value;
}

function count(): Total {
  let defined = 0;
  return {
    add: (value) => {
      if (value !== undefined) defined += 1;
    },
    value: () => defined,
  };
}

/** Undefined values do not count; one that is no number makes the whole undefined. */
function numeric(result: (sum: number, count: number) => Value): Total {
  let [sum, numbers, isNumeric] = [0, 0, true];
  return {
    add: (value) => {
      if (typeof value === 'number') {
        sum += value;
        numbers += 1;
      } else if (value !== undefined) isNumeric = false;
    },
    value: () => (isNumeric && Number.isFinite(sum) ? result(sum, numbers) : undefined),
  };
}

/** Over types by their order; an array or an object makes the whole undefined. */
function extreme(sign: 1 | -1): Total {
  let [best, isScalar]: [Value, boolean] = [undefined, true];
  return {
    add: (value) => {
      if (value === undefined) return;
      if (typeof value === 'object' && value !== null) isScalar = false;
      else if (best === undefined || sign * compareValues(value, best) > 0) best = value;
    },
    value: () => (isScalar ? best : undefined),
  };
}

const TOTALS: Readonly<Record<AggregateName, () => Total>> = {
  COUNT: count,
  SUM: () => numeric((sum) => sum),
  AVG: () => numeric((sum, numbers) => (numbers === 0 ? undefined : sum / numbers)),
  MIN: () => extreme(-1),
  MAX: () => extreme(1),
};
