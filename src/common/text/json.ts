/**
 * JSON of nothing but ASCII. Undecodable bytes are lone surrogates (see common/bytes), which JSON may hold only escaped;
 * so is everything beyond ASCII then, and what reads it need not agree about encodings.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
