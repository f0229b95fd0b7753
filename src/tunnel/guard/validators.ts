/*
 * Browsers cache responses by URL, and the same local port may lead to another host's viewer later: a cached response
 * of one host must never be used for another. So every response is revalidated (RFC 9111, `no-cache`), and validators
 * (RFC 9110, section 8.8) are bound to this opening of the port: ETags get a mark, and dates, which are not unique to a
 * host, are dropped.
 */

const dropped = new Set([
  "cache-control",
  "expires",
  "pragma",
  "age",
  "last-modified",
  // They would lead elsewhere, or throw away what other viewers have in the same browser.
  "alt-svc",
  "clear-site-data",
]);

/** What a header of an answer is to the browser; undefined where it is left out. `name`: in lower case. */
export function markedAnswerHeader(name: string, value: string, mark: string): string | undefined {
  if (dropped.has(name)) return undefined;
  if (name !== "etag") return value;
  const [, weak = "", tag] = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/.exec(value.trim()) ?? [];
  return tag === undefined ? undefined : `${weak}"${mark}${tag}"`;
}

/** `no-store` where the viewer says so, too. */
export function cacheControl(said: readonly string[]): string {
  return said.some((value) => /(^|[\s,])no-store([\s,]|$)/i.test(value)) ? "no-store" : "no-cache";
}

/** What a header of a request is to the viewer; undefined where it is left out. */
export function unmarkedRequestHeader(name: string, value: string, mark: string): string | undefined {
  switch (name) {
    case "if-modified-since":
      return undefined;
    // Without a matching validator, request the whole instead of a range.
    case "if-range":
      return ownTags(value, mark)[0];
    case "if-none-match":
      return value.trim() === "*" ? value : ownTags(value, mark).join(", ") || undefined;
    case "if-match":
      return value.trim() === "*" ? value : value.replaceAll(`"${mark}`, '"');
    default:
      return value;
  }
}

/** The ETags with our mark, without it. */
function ownTags(value: string, mark: string): string[] {
  const tags = value.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.filter((tag) => tag.includes(`"${mark}`)).map((tag) => tag.replace(`"${mark}`, '"'));
}
