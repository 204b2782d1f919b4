// The limit: what the evaluator's work costs when nothing but the work is done. No validation, no
// dimensions, no escapes, no missing data, no cooldown a rule, no record of anything. It is measured
// beside Headroom in the same run, to say how far Headroom is from what the machine can do.

/** Where the texts of a record lie, and its numbers. One is used for all records. */
export class LimitRecord {
  resourceBegin = 0;
  resourceEnd = 0;
  metricBegin = 0;
  metricEnd = 0;
  minute = 0;
  count = NaN;
  total = NaN;
  minimum = NaN;
  maximum = NaN;
  average = NaN;
}

const quote = 34;
const comma = 44;
const minus = 45;
const point = 46;
const zero = 48;
const closingBracket = 93;
const openingBrace = 123;
const closingBrace = 125;
const powersOfTen = Array.from({ length: 16 }, (_, power) => Number(`1e${power}`));

/** A scan for one schema, `{"records":[{…}]}`: calls `found` after each record is in `record`. */
export function scanRecords(bytes: Uint8Array, record: LimitRecord, found: () => void): void {
  let at = bytes.indexOf(91) + 1;
  for (;;) {
    while (bytes[at] !== openingBrace) if (bytes[at++] === closingBracket) return;
    do {
      at = scanMember(bytes, at + 1, record);
      while (bytes[at] !== comma && bytes[at] !== closingBrace) at++;
    } while (bytes[at] === comma);
    found();
  }
}

/** Names are told apart by their length and first letters. */
function scanMember(bytes: Uint8Array, from: number, record: LimitRecord): number {
  const name = from + 1;
  let at = name;
  while (bytes[at] !== quote) at++;
  const length = at - name;
  at += 2;
  if (bytes[at] !== quote) return scanNumber(bytes, at, name, record);
  const begin = at + 1;
  at = begin;
  while (bytes[at] !== quote) at++;
  if (length === 10 && bytes[name] === 114) {
    record.resourceBegin = begin;
    record.resourceEnd = at;
  } else if (length === 10) {
    record.metricBegin = begin;
    record.metricEnd = at;
  } else if (length === 4) {
    record.minute = minuteAt(bytes, begin);
  }
  return at + 1;
}

function scanNumber(bytes: Uint8Array, from: number, name: number, record: LimitRecord): number {
  const isNegative = bytes[from] === minus;
  let at = isNegative ? from + 1 : from;
  let value = 0;
  let fraction = 0;
  let byte = bytes[at] ?? 0;
  for (; byte >= zero && byte < zero + 10; byte = bytes[++at] ?? 0)
    value = value * 10 + byte - zero;
  if (byte === point) {
    byte = bytes[++at] ?? 0;
    for (; byte >= zero && byte < zero + 10; byte = bytes[++at] ?? 0) {
      value = value * 10 + byte - zero;
      fraction++;
    }
  }
  if (fraction > 0) value /= powersOfTen[fraction] ?? 1;
  put(record, bytes[name] ?? 0, bytes[name + 1] ?? 0, isNegative ? -value : value);
  return at;
}

function put(record: LimitRecord, first: number, second: number, value: number): void {
  if (first === 99) record.count = value;
  else if (first === 116) record.total = value;
  else if (first === 97) record.average = value;
  else if (second === 105) record.minimum = value;
  else record.maximum = value;
}

/** Minutes since 1970 of an ISO time, by its columns. */
function minuteAt(bytes: Uint8Array, at: number): number {
  const year = two(bytes, at) * 100 + two(bytes, at + 2);
  const days = daysSince1970(year, two(bytes, at + 5), two(bytes, at + 8));
  return days * 1440 + two(bytes, at + 11) * 60 + two(bytes, at + 14);
}

function two(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) - zero) * 10 + (bytes[at + 1] ?? 0) - zero;
}

/** The civil calendar counted from 1 March, so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const dayOfYear = ((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) | 0;
  const leaps = (shifted >> 2) - ((shifted / 100) | 0) + ((shifted / 400) | 0);
  return shifted * 365 + leaps + dayOfYear + day - 1 - 719468;
}
