import type { Operator, Piece, Query, QueryProblem, Span, Term } from "./query.js";

/** Maximum length of a query, in UTF-16 units. */
export const longestQuery = 2_000;

const isSpace = (character: string): boolean => /\s/.test(character);

/** @returns the operator at this offset. The query ends at `end`. */
function operatorAt(text: string, at: number, end: number): Operator | undefined {
  if (at >= end) return undefined;
  const one = text[at];
  const isWithEqual = at + 1 < end && text[at + 1] === "=";
  switch (one) {
    case ":":
    case "~":
    case "=":
      return one;
    case "<":
      return isWithEqual ? "<=" : "<";
    case ">":
      return isWithEqual ? ">=" : ">";
    case "!":
      return isWithEqual ? "!=" : undefined;
    default:
      return undefined;
  }
}

/** Scans a query in one pass. */
class Reader {
  at = 0;
  readonly end: number;
  readonly problems: QueryProblem[] = [];

  constructor(readonly text: string) {
    this.end = Math.min(text.length, longestQuery);
    if (text.length > this.end)
      this.problems.push({ code: "too-long", from: this.end, to: text.length, text: "" });
  }

  skipSpaces(): void {
    while (this.at < this.end && isSpace(this.text[this.at] ?? "")) this.at += 1;
  }

  /** Reads a quoted piece, or one that ends at a space or where `endsAt` returns true. */
  piece(endsAt: (at: number) => boolean): Piece {
    const quote = this.text[this.at];
    if (quote === '"' || quote === "'") return this.quoted(quote);
    const from = this.at;
    while (this.at < this.end && !isSpace(this.text[this.at] ?? "") && !endsAt(this.at)) this.at += 1;
    return { from, to: this.at, text: this.text.slice(from, this.at), isQuoted: false };
  }

  private quoted(quote: string): Piece {
    const from = this.at;
    const characters: string[] = [];
    this.at += 1;
    while (this.at < this.end && this.text[this.at] !== quote) {
      if (this.text[this.at] === "\\" && this.at + 1 < this.end) this.at += 1;
      characters.push(this.text[this.at] ?? "");
      this.at += 1;
    }
    const text = characters.join("");
    if (this.at < this.end) this.at += 1;
    else this.problems.push({ code: "open-quote", from, to: this.end, text });
    return { from, to: this.at, text, isQuoted: true };
  }

  operator(): (Span & { readonly operator: Operator }) | undefined {
    const operator = operatorAt(this.text, this.at, this.end);
    if (!operator) return undefined;
    const from = this.at;
    this.at += operator.length;
    return { operator, from, to: this.at };
  }
}

/** Parses a query in linear time. Never throws: problems are part of the result. */
export function parseQuery(text: string): Query {
  const reader = new Reader(text);
  const terms: Term[] = [];
  for (reader.skipSpaces(); reader.at < reader.end; reader.skipSpaces()) {
    const term = readTerm(reader);
    if (term) terms.push(term);
  }
  return { terms, problems: reader.problems };
}

function readTerm(reader: Reader): Term | undefined {
  const from = reader.at;
  const { text, end } = reader;
  const isNot = text[from] === "-" && from + 1 < end && !isSpace(text[from + 1] ?? "");
  if (isNot) reader.at += 1;
  const name = reader.piece((at) => operatorAt(text, at, end) !== undefined);
  const afterName = reader.at;
  reader.skipSpaces();
  const found = reader.operator();
  if (!found) {
    reader.at = afterName;
    // A minus alone is the beginning of a word.
    return name.text === "" ? undefined : { kind: "word", isNot, word: name, from, to: afterName };
  }
  const { operator, ...at } = found;
  reader.skipSpaces();
  const value = reader.piece(() => false);
  if (name.text === "") reader.problems.push({ code: "no-name", from, to: at.to, text: operator });
  if (value.text === "" && !value.isQuoted) {
    reader.at = Math.min(reader.at, reader.end);
    reader.problems.push({ code: "no-value", from: at.from, to: at.to, text: operator });
  }
  return {
    kind: "comparison",
    isNot,
    name,
    operator,
    operatorAt: at,
    value,
    from,
    to: Math.max(at.to, value.to),
  };
}

/** Writes a name or value for a query, quoted if necessary. */
export function writePiece(text: string): string {
  const isPlain = text !== "" && !/[\s"'\\:~=<>!,]/.test(text) && !text.startsWith("-");
  return isPlain ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}
