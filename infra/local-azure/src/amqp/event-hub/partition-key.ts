/**
 * The partition of a key, as Event Hubs and the SDK's buffered producer compute it (Bob Jenkins'
 * lookup3 with the SDK's variations): plain and buffered producers must agree on it.
 */
export function partitionOfKey(key: string, partitions: number): number {
  return Math.abs(hashKey(Buffer.from(key, 'utf8')) % partitions);
}

function hashKey(data: Buffer): number {
  let a = (0xdeadbeef + data.length) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; data.length - at > 12; at += 12) {
    a = (a + data.readInt32LE(at)) | 0;
    b = (b + data.readInt32LE(at + 4)) | 0;
    c = (c + data.readInt32LE(at + 8)) | 0;
    [a, b, c] = mix(a, b, c);
  }
  if (at === data.length) return toInt16(c ^ b);
  const tail = Buffer.alloc(12);
  data.copy(tail, 0, at);
  a = (a + tail.readInt32LE(0)) | 0;
  b = (b + tail.readInt32LE(4)) | 0;
  c = (c + tail.readInt32LE(8)) | 0;
  [b, c] = finish(a, b, c);
  return toInt16(c ^ b);
}

function mix(a: number, b: number, c: number): [number, number, number] {
  a = ((a - c) ^ rotate(c, 4)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rotate(a, 6)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rotate(b, 8)) | 0;
  b = (b + a) | 0;
  a = ((a - c) ^ rotate(c, 16)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rotate(a, 19)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rotate(b, 4)) | 0;
  b = (b + a) | 0;
  return [a, b, c];
}

function finish(a: number, b: number, c: number): [number, number] {
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return [b, c];
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function toInt16(value: number): number {
  return (value << 16) >> 16;
}
