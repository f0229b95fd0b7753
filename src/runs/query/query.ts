/** How a value is compared. `:` and `=` are the same, but that `:` takes several values with commas between them. */
export type Operator = ":" | "~" | "=" | "!=" | "<" | "<=" | ">" | ">=";

export const operators: readonly Operator[] = [":", "~", "=", "!=", "<", "<=", ">", ">="];

/** A part of the line, in UTF-16 units: from the first to the one after the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A name or a value, without its quotes. */
export interface Piece extends Span {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** A word that a run's own names or tags hold. */
export interface WordTerm extends Span {
  readonly kind: "word";
  readonly isNot: boolean;
  readonly word: Piece;
}

/** A column, compared with a value. */
export interface ComparisonTerm extends Span {
  readonly kind: "comparison";
  readonly isNot: boolean;
  readonly name: Piece;
  readonly operator: Operator;
  readonly operatorAt: Span;
  readonly value: Piece;
}

export type Term = WordTerm | ComparisonTerm;

/** What is wrong with a part of the line. A term with a problem is passed over. */
export interface QueryProblem extends Span {
  readonly code:
    | "too-long"
    | "no-name"
    | "no-value"
    | "open-quote"
    | "unknown-name"
    | "no-number"
    | "no-duration"
    | "no-time"
    | "no-size"
    | "no-order";
  /** The name or the value that it is about. */
  readonly text: string;
}

/** A line as it was read. All of its terms must hold. */
export interface Query {
  readonly terms: readonly Term[];
  readonly problems: readonly QueryProblem[];
}
