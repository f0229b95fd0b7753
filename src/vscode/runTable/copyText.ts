/** A value of a copied table. */
export type CopiedValue = string | number | boolean | undefined;

/**
 * A table as CSV (RFC 4180). Texts that a spreadsheet would take for a formula get a leading apostrophe, as OWASP
 * advises against CSV injection; numbers do not.
 */
export function csvOf(headings: readonly string[], rows: readonly (readonly CopiedValue[])[]): string {
  const lines = [headings, ...rows].map((cells) => cells.map(csvCell).join(","));
  return lines.map((line) => `${line}\r\n`).join("");
}

function csvCell(value: CopiedValue): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A table as Markdown, with special characters escaped. */
export function markdownOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(" | ")} |\n`;
  return `${line(headings)}|${headings.map(() => " --- |").join("")}\n${rows.map(line).join("")}`;
}

function markdownCell(text: string): string {
  return text.replace(/[\\|*_`<>[\]~#&]/g, "\\$&").replace(/[\r\n]+/g, " ");
}
