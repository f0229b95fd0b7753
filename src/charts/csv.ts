/** The header line. */
export const csvHeader = csvRow(["run", "run_id", "metric", "step", "time", "value"]);

/** One value that a run logged. */
export interface LoggedValue {
  readonly metric: string;
  /** Undefined if the run logged none. */
  readonly step: number | undefined;
  /** Seconds since the epoch by the host's clock; undefined if the run logged none. */
  readonly time: number | undefined;
  /** null: logged as `null`. */
  readonly value: number | null;
}

/** A line of CSV (RFC 4180), with its line ending. Numbers survive a round trip. */
export function csvLine(run: { readonly label: string; readonly id: string }, logged: LoggedValue): string {
  const { metric, step, time, value } = logged;
  const numbers = [step, time].map((one) => (one === undefined ? "" : String(one)));
  return csvRow([...[run.label, run.id, metric].map(plainText), ...numbers, String(value)]);
}

function csvRow(fields: readonly string[]): string {
  return `${fields.map(quoted).join(",")}\r\n`;
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Prevents CSV injection: spreadsheets run texts that begin with these characters as formulas. */
function plainText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
