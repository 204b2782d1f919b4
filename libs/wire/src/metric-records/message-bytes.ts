/** One message's bytes, and the same bytes as words. */
export interface MessageBytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function messageBytes(bytes: Buffer): MessageBytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}
