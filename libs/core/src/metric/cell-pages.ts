import { assert } from '../lang/assert.ts';

/** A count below zero marks a cell that holds no sample. */
export const absentCount = -1;

/** The narrowest columns that hold their numbers exactly: widened when a number comes that they cannot hold. */
export interface CellForm {
  readonly countBytes: 1 | 2 | 8;
  readonly valueBytes: 4 | 8;
}

export type CountColumn = Int8Array | Int16Array | Float64Array;
export type ValueColumn = Float32Array | Float64Array;

/**
 * Cells of several rings of one capacity and form. Of each ring: `capacity` counts from `place × capacity`, and from
 * `3 × place × capacity` as many totals, then minimums, then maximums.
 */
export interface CellPage extends CellForm {
  readonly capacity: number;
  readonly places: number;
  readonly counts: CountColumn;
  readonly values: ValueColumn;
  /** Places that no ring holds. */
  readonly free: number[];
}

const pageBytesMax = 128 * 1024;

/**
 * Where the rings of one partition keep their samples. An ArrayBuffer and the views on it cost 330 bytes, which a ring of
 * its own for each of a hundred thousand short windows would not be worth: rings of one size share pages.
 */
export class CellPages {
  /** Pages with a free place, by kind. */
  readonly #open = new Map<number, CellPage[]>();
  /** Places in all pages, by kind: a page is as large as those before it together, so that few rings cost little. */
  readonly #places = new Map<number, number>();

  /** A page with a free place, which is the last of `free`: the caller takes it by `hold`. */
  take(capacity: number, form: CellForm): { readonly page: CellPage; readonly place: number } {
    const kind = kindOf(capacity, form);
    const open = this.#open.get(kind) ?? [];
    const page = open.at(-1) ?? this.#newPage(kind, capacity, form, open);
    const place = page.free.pop();
    assert(place !== undefined, 'an open page has a free place');
    if (page.free.length === 0) open.pop();
    page.counts.fill(absentCount, place * capacity, (place + 1) * capacity);
    return { page, place };
  }

  give(page: CellPage, place: number): void {
    const kind = kindOf(page.capacity, page);
    const open = this.#open.get(kind) ?? [];
    page.free.push(place);
    if (page.free.length === 1) open.push(page);
    if (page.free.length < page.places) return;
    open.splice(open.indexOf(page), 1);
    this.#places.set(kind, (this.#places.get(kind) ?? 0) - page.places);
  }

  #newPage(kind: number, capacity: number, form: CellForm, open: CellPage[]): CellPage {
    const most = Math.floor(pageBytesMax / (capacity * (form.countBytes + 3 * form.valueBytes)));
    const before = this.#places.get(kind) ?? 0;
    const places = Math.max(1, Math.min(before, most));
    const page = pageOf(capacity, form, places);
    this.#places.set(kind, before + places);
    this.#open.set(kind, open);
    open.push(page);
    return page;
  }
}

/** A page that no pool hands out. */
export function pageOf(capacity: number, form: CellForm, places: number): CellPage {
  const { countBytes, valueBytes } = form;
  const cells = places * capacity;
  return {
    capacity,
    countBytes,
    valueBytes,
    places,
    counts: countColumn(countBytes, cells),
    values: valueBytes === 4 ? new Float32Array(3 * cells) : new Float64Array(3 * cells),
    free: Array.from({ length: places }, (_, place) => places - 1 - place),
  };
}

function countColumn(bytes: CellForm['countBytes'], length: number): CountColumn {
  if (bytes === 1) return new Int8Array(length);
  return bytes === 2 ? new Int16Array(length) : new Float64Array(length);
}

function kindOf(capacity: number, { countBytes, valueBytes }: CellForm): number {
  return (capacity * 16 + countBytes) * 16 + valueBytes;
}
