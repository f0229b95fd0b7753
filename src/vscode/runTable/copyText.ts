/** A value of a copied table: a number as it was logged, anything else as text. */
export type CopiedValue = string | number | boolean | undefined;

/**
 * A table as RFC 4180 has it. A text that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises:
 * names come from hosts. Numbers are left as they are.
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

/** A table of Markdown. What has a meaning there stays the character that it is. */
export function markdownOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(" | ")} |\n`;
  return `${line(headings)}|${headings.map(() => " --- |").join("")}\n${rows.map(line).join("")}`;
}

function markdownCell(text: string): string {
  return text.replace(/[\\|*_`<>[\]~#&]/g, "\\$&").replace(/[\r\n]+/g, " ");
}
