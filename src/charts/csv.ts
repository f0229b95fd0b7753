/** What the first line of a file of values names. */
export const csvHeader = csvRow(["run", "run_id", "metric", "step", "time", "value"]);

/** One value that a run logged. */
export interface LoggedValue {
  readonly metric: string;
  /** Undefined where the run noted none. */
  readonly step: number | undefined;
  /** Seconds since the epoch by the host's clock; undefined where the run noted none. */
  readonly time: number | undefined;
  /** null: Runicorn wrote that. */
  readonly value: number | null;
}

/** A line of a file as RFC 4180 has it, with its end. Numbers are written so that reading gives the same number again. */
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

/** Spreadsheets run texts that begin so as formulas: a host's names are none. */
function plainText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
