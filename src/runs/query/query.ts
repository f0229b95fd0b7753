/** How a value is compared. `:` is `=`, but takes several values separated by commas. */
export type Operator = ":" | "~" | "=" | "!=" | "<" | "<=" | ">" | ">=";

export const operators: readonly Operator[] = [":", "~", "=", "!=", "<", "<=", ">", ">="];

/** A range of the query, in UTF-16 units, excluding `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A name or a value, without its quotes. */
export interface Piece extends Span {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** A word to find in a run's names or tags. */
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

/** A problem with a part of the query. A term with a problem is ignored. */
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
  /** The name or value in question. */
  readonly text: string;
}

/** A parsed query. All of its terms must match. */
export interface Query {
  readonly terms: readonly Term[];
  readonly problems: readonly QueryProblem[];
}
