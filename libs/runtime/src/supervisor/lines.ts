/** Longest line that is kept whole; the rest of a longer one is dropped. */
const lineCharactersMax = 65_536;

/** Cuts a stream of bytes into lines, whatever the pieces that it comes in. */
export function lineSplitter(take: (line: string) => void): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (chunk) => {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (pieces.pop() ?? '').slice(0, lineCharactersMax);
    for (const line of pieces) take(line.slice(0, lineCharactersMax));
  };
}
