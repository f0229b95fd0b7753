/*
 * A browser keeps answers by their address, and the address of a local port may lead to the viewer of another host later:
 * what one host gave must never be taken for what another one would give. So whatever is kept is asked for anew each time
 * (RFC 9111, `no-cache`), and its validators (RFC 9110, section 8.8) hold for this opening of the port alone: an ETag
 * carries a mark, and dates, which any host could write, are left out.
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
    // Whole instead of a part where it is not certain that the parts belong together.
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

/** The ETags that carry the mark, as the viewer gave them. */
function ownTags(value: string, mark: string): string[] {
  const tags = value.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.filter((tag) => tag.includes(`"${mark}`)).map((tag) => tag.replace(`"${mark}`, '"'));
}
