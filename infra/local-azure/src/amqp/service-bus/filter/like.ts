/** What each place of the pattern takes: any text, any one character, or this character. */
export type LikePattern = readonly ('anyText' | 'anyOne' | { readonly exactly: string })[];

/** Reads a LIKE pattern: `%` is any text, `_` one character, behind `escape` they are themselves. */
export function likePattern(pattern: string, escape: string | undefined): LikePattern {
  const places: LikePattern[number][] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === escape && at + 1 < pattern.length) {
      places.push({ exactly: pattern.charAt(++at) });
    } else if (character === '%') places.push('anyText');
    else places.push(character === '_' ? 'anyOne' : { exactly: character });
  }
  return places;
}

/**
 * In time of text times pattern at most: when a character does not fit, the last `%` takes one more.
 * A regular expression would take forever for some texts, and senders choose the text.
 */
export function isLike(text: string, pattern: LikePattern): boolean {
  let at = 0;
  let place = 0;
  let lastAnyText = -1;
  let retryAt = 0;
  while (at < text.length) {
    const expected = pattern[place];
    if (expected === 'anyText') {
      lastAnyText = place++;
      retryAt = at;
    } else if (expected !== undefined && takes(expected, text.charAt(at))) {
      at++;
      place++;
    } else if (lastAnyText >= 0) {
      place = lastAnyText + 1;
      at = ++retryAt;
    } else return false;
  }
  return pattern.slice(place).every((rest) => rest === 'anyText');
}

function takes(expected: LikePattern[number], character: string): boolean {
  return expected === 'anyOne' || (typeof expected === 'object' && expected.exactly === character);
}
