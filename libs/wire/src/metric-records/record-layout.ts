import { dimensionsMax } from './limits.ts';
import { memberCount } from './member-name.ts';

/** Texts beside the dimensions that a record may have. */
export const othersMax = dimensionsMax + 3;

/**
 * Where the members of one record lie in the bytes. One is used for all records: nothing is made
 * for an unwanted one.
 */
export class RecordLayout {
  begin = 0;
  end = 0;
  /** Where the resource's id ends, without slashes; set for a record that has a key. */
  resourceEnd = 0;
  /** A bit for each known member that the record has. */
  seen = 0;
  readonly begins = zeros(memberCount);
  readonly ends = zeros(memberCount);
  /** Texts of other names: name begin, name end, value begin, value end. */
  readonly others = zeros(4 * othersMax);
  otherCount = 0;
  /** Has members that are neither known nor texts. */
  hasForeign = false;

  reset(begin: number): void {
    this.begin = begin;
    this.seen = 0;
    this.otherCount = 0;
    this.hasForeign = false;
  }

  has(id: number): boolean {
    return (this.seen & (1 << id)) !== 0;
  }

  /** False where the record has it twice. */
  put(id: number, begin: number, end: number): boolean {
    if (this.has(id)) return false;
    this.seen |= 1 << id;
    this.begins[id] = begin;
    this.ends[id] = end;
    return true;
  }

  /** False where there are too many. */
  putOther(nameBegin: number, nameEnd: number, begin: number, end: number): boolean {
    if (this.otherCount === othersMax) return false;
    const cell = 4 * this.otherCount++;
    this.others[cell] = nameBegin;
    this.others[cell + 1] = nameEnd;
    this.others[cell + 2] = begin;
    this.others[cell + 3] = end;
    return true;
  }
}

/** A plain array: a typed one costs more to make than a short message does to read. */
export function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
