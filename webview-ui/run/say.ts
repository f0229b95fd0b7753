/** Puts values into a text's `{0}`, `{1}` and so on. */
export function fill(text: string, ...values: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (all, place: string) => String(values[Number(place)] ?? all));
}
