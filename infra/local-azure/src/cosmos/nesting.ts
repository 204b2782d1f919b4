import type { Json } from '../json.ts';
import { parseJson } from '../json.ts';
import { badRequest } from './errors.ts';

/** JSON that nests no deeper than the service takes; `undefined` when it is none. */
export function parseBounded(text: string): Json | undefined {
  checkNesting(text);
  return parseJson(text);
}

/** The service's limit of an item. */
const MAX_NESTING = 128;

export function checkNesting(text: string): void {
  let [depth, isText] = [0, false];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isText) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isText = false;
    } else if (code === QUOTE) isText = true;
    else if (code === BRACKET || code === BRACE) depth += 1;
    else if (code === BRACKET + 2 || code === BRACE + 2) depth -= 1;
    if (depth > MAX_NESTING) throw badRequest(`The JSON nests above ${MAX_NESTING} levels.`);
  }
}

const [QUOTE, BACKSLASH, BRACKET, BRACE] = [0x22, 0x5c, 0x5b, 0x7b];
