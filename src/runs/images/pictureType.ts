/** The media type of a picture, from its first bytes; undefined if a page cannot show it. Never trust the file name. */
export function pictureType(bytes: Uint8Array): string | undefined {
  const starts = (text: string, at = 0): boolean =>
    bytes.length >= at + text.length &&
    [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0));
  if (starts("\x89PNG\r\n\x1a\n")) return "image/png";
  if (starts("\xff\xd8\xff")) return "image/jpeg";
  if (starts("GIF87a") || starts("GIF89a")) return "image/gif";
  if (starts("RIFF") && starts("WEBP", 8)) return "image/webp";
  if (starts("BM")) return "image/bmp";
  return undefined;
}
