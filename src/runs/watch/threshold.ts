/** A value of a metric that a person waits for. */
export interface Threshold {
  readonly metric: string;
  readonly operator: ">" | ">=" | "<" | "<=";
  readonly value: number;
}

/** Characters of a threshold as it is written. */
const longestThreshold = 300;

/** Reads `val_acc > 0.9`. @returns undefined for what is none. */
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

/** As one writes it, and always the same for the same threshold. */
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
