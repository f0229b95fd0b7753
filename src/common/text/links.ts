import { trimEndOf } from "./trimCharacter.js";

/** Characters of a link; whatever is longer is cut off where nobody would see it. */
const longestLink = 500;
const link = /https?:\/\/[A-Za-z0-9._~:/?#@!$&*+,;=%-]+/gi;

/**
 * The web links in a text, each once. A character that looks like another one ends a link, and so does a bracket: what
 * shows a link may read those in a way of its own.
 */
export function linksIn(text: string): string[] {
  const found = [...text.matchAll(link)].map(([whole]) => trimEndOf(whole, ".,;:!?"));
  return [...new Set(found)].filter((one) => one.length <= longestLink && URL.canParse(one));
}

export function hasLink(texts: readonly string[]): boolean {
  return texts.some((text) => linksIn(text).length > 0);
}
