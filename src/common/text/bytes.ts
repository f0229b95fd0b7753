/*
 * File names on a POSIX host are bytes, not text. They travel through the code as strings in which every byte that is
 * not valid UTF-8 is one lone surrogate U+DC80..U+DCFF (Python's "surrogateescape", PEP 383): nothing is lost, names
 * stay usable as keys, and JSON keeps them.
 */

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes bytes from the host without loss; {@link encodeBytes} gives the same bytes back. */
export function decodeBytes(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return decodePiecewise(bytes);
  }
}

function decodePiecewise(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let index = 0; index < bytes.length;) {
    const length = validSequenceLength(bytes, index);
    if (length === 0) {
      parts.push(String.fromCharCode(0xdc00 + (bytes[index] ?? 0)));
      index += 1;
    } else {
      parts.push(utf8.decode(bytes.subarray(index, index + length)));
      index += length;
    }
  }
  return parts.join("");
}

/** Length in bytes of the valid UTF-8 sequence at `index`, or 0 where there is none. */
function validSequenceLength(bytes: Uint8Array, index: number): number {
  const first = bytes[index] ?? 0;
  const length =
    first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length < 2) return length;
  try {
    utf8.decode(bytes.subarray(index, index + length));
    return index + length <= bytes.length ? length : 0;
  } catch {
    return 0;
  }
}

/** The bytes of a string made by {@link decodeBytes}, or of any ordinary string (as UTF-8). */
export function encodeBytes(text: string): Buffer {
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(Buffer.from([code - 0xdc00]));
    else parts.push(Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}
