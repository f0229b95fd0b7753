/** A value of a metric to wait for. */
export interface Threshold {
  readonly metric: string;
  readonly operator: ">" | ">=" | "<" | "<=";
  readonly value: number;
}

/** Maximum characters of a threshold. */
const longestThreshold = 300;

/** Parses `val_acc > 0.9`. @returns undefined if invalid. */
export function parseThreshold(text: string): Threshold | undefined {
  if (text.length > longestThreshold) return undefined;
  const at = text.search(/[<>]/);
  if (at <= 0) return undefined;
  const isEqual = text[at + 1] === "=";
  const operator = `${text[at]}${isEqual ? "=" : ""}` as Threshold["operator"];
  const [metric, number] = [text.slice(0, at).trim(), text.slice(at + operator.length).trim()];
  if (metric === "" || !/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(number)) return undefined;
  const value = Number(number);
  return Number.isFinite(value) ? { metric, operator, value } : undefined;
}

/** Writes a threshold in canonical form. */
export function thresholdText({ metric, operator, value }: Threshold): string {
  return `${metric} ${operator} ${value}`;
}

export function isReached({ operator, value }: Threshold, found: number): boolean {
  switch (operator) {
    case ">":
      return found > value;
    case ">=":
      return found >= value;
    case "<":
      return found < value;
    case "<=":
      return found <= value;
  }
}
