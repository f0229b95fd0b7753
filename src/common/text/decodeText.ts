/** The encoding that a byte order mark at the start of a file names; undefined where there is none: UTF-8. */
export function markedEncoding(start: Buffer): "utf-8" | "utf-16le" | "utf-16be" | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return "utf-8";
  return undefined;
}

/** The text of a whole file, as UTF-8 or as its byte order mark says, without that mark. */
export function decodeText(bytes: Buffer): string {
  const encoding = markedEncoding(bytes);
  return encoding ? new TextDecoder(encoding).decode(bytes) : bytes.toString("utf8");
}
