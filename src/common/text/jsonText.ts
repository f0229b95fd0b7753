/*
 * What is found out about JSON before it is parsed. Each character is looked at once, whatever the text is.
 */

const quote = 0x22;
const backslash = 0x5c;
const openings = new Set([..."[{"].map((bracket) => bracket.charCodeAt(0)));
const closings = new Set([..."]}"].map((bracket) => bracket.charCodeAt(0)));

/** @returns the index behind the string whose opening quote is at `from`; the text's length where it does not end. */
export function endOfJsonString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === backslash) at += 1;
  }
  return text.length;
}

/** Whether arrays and objects are nested deeper than this: `JSON.parse` then takes a lot of memory and time. */
export function isNestedDeeperThan(levels: number, text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfJsonString(text, at) - 1;
    else if (openings.has(code) && ++depth > levels) return true;
    else if (closings.has(code)) depth -= 1;
  }
  return false;
}
