import type { RunColumn, RunTable, RunValue } from "../runTable.js";
import { columnNamesOf } from "./columnNames.js";
import { readDuration, readNumber, readSize, readTime } from "./literals.js";
import type { ComparisonTerm, Operator, Query, QueryProblem, Term } from "./query.js";

/** Which runs of a table match a query. */
export interface QueryMatch {
  /** @param row from 0. */
  matches(row: number): boolean;
  /** Problems of parsing, and of names and values in this table, in the order of the query. */
  readonly problems: readonly QueryProblem[];
}

type Test = (row: number) => boolean;
type ProblemCode = QueryProblem["code"];

/** A comparison with a value, or a problem. */
type Compared = ((value: RunValue) => boolean) | ProblemCode;

/** @param now seconds since the epoch, for times such as `3d`. */
export function matchQuery(query: Query, table: RunTable, now: number): QueryMatch {
  const problems: QueryProblem[] = [...query.problems];
  const tests: Test[] = [];
  for (const term of query.terms) {
    if (query.problems.some(({ from, to, code }) => code !== "too-long" && from < term.to && to > term.from))
      continue;
    const test = testOf(term, table, now);
    if (typeof test === "function") tests.push(term.isNot ? (row) => !test(row) : test);
    else problems.push(test);
  }
  return {
    matches: (row) => tests.every((test) => test(row)),
    problems: problems.sort((a, b) => a.from - b.from),
  };
}

function testOf(term: Term, table: RunTable, now: number): Test | QueryProblem {
  if (term.kind === "word") {
    const word = term.word.text.toLowerCase();
    const texts = ownTextsOf(table);
    return (row) => texts(row).includes(word);
  }
  const { name, value } = term;
  const named = columnNamesOf(table).resolve(name.text);
  if (!named) return { code: "unknown-name", from: name.from, to: name.to, text: name.text };
  if (named.kind === "tags") return tagTest(term, table);
  const { column } = named;
  const compared = comparisonWith(term, column, now);
  if (typeof compared === "string")
    return { code: compared, from: value.from, to: value.to, text: value.text };
  if (column.group === "run" && column.name === "name") return nameTest(term, table, compared);
  return (row) => {
    const present = column.at(row);
    return present !== undefined && compared(present);
  };
}

/** Matches the name or the alias, which is shown instead of the name. */
function nameTest(
  { operator }: ComparisonTerm,
  table: RunTable,
  compared: (value: RunValue) => boolean,
): Test {
  return (row) => {
    const { name, alias } = table.runAt(row);
    const names = alias === undefined ? [name] : [name, alias];
    return operator === "!=" ? names.every(compared) : names.some(compared);
  };
}

/** Cache of the names and tags of each run, in lower case. */
const ownTexts = new WeakMap<RunTable, (string | undefined)[]>();

function ownTextsOf(table: RunTable): (row: number) => string {
  const texts = ownTexts.get(table) ?? [];
  ownTexts.set(table, texts);
  return (row) => {
    const known = texts[row];
    if (known !== undefined) return known;
    const { alias, name, id, path, tags } = table.runAt(row);
    const own = `${alias ?? ""}\n${name}\n${id}\n${path}`;
    return (texts[row] = (tags.length === 0 ? own : `${own}\n${tags.join("\n")}`).toLowerCase());
  };
}

/** `:*` matches any value. */
function isAny({ operator, value }: ComparisonTerm): boolean {
  return operator === ":" && !value.isQuoted && value.text === "*";
}

/** The values of a term: several with `:`, else one. */
function valuesOf({ operator, value }: ComparisonTerm): readonly string[] {
  if (operator !== ":" || value.isQuoted || !value.text.includes(",")) return [value.text];
  const values = value.text.split(",").filter((one) => one !== "");
  return values.length > 0 ? values : [value.text];
}

function tagTest(term: ComparisonTerm, table: RunTable): Test | QueryProblem {
  if (isAny(term)) return (row) => table.runAt(row).tags.length > 0;
  const { operator, operatorAt } = term;
  const wanted = valuesOf(term).map((one) => one.toLowerCase());
  const isTagged = (row: number, fits: (tag: string) => boolean): boolean =>
    table.runAt(row).tags.some((tag) => fits(tag.toLowerCase()));
  switch (operator) {
    case ":":
    case "=":
      return (row) => isTagged(row, (tag) => wanted.includes(tag));
    case "!=":
      return (row) => !isTagged(row, (tag) => wanted.includes(tag));
    case "~":
      return (row) => isTagged(row, (tag) => tag.includes(wanted[0] ?? ""));
    default:
      return { code: "no-order", ...operatorAt, text: operator };
  }
}

function comparisonWith(term: ComparisonTerm, column: RunColumn, now: number): Compared {
  if (isAny(term)) return () => true;
  if (term.operator === "~") {
    const wanted = term.value.text.toLowerCase();
    return (value) => String(value).toLowerCase().includes(wanted);
  }
  const all = valuesOf(term).map((text) => comparedTo(term.operator, text, column, now));
  const wrong = all.find((one) => typeof one === "string");
  if (wrong !== undefined) return wrong;
  const tests = all.filter((one) => typeof one === "function");
  const [only] = tests;
  return tests.length === 1 && only ? only : (value) => tests.some((test) => test(value));
}

function comparedTo(operator: Operator, text: string, { kind }: RunColumn, now: number): Compared {
  switch (kind) {
    case "time": {
      const time = readTime(text, now);
      return time ? inStretch(operator, time.from, time.to) : "no-time";
    }
    case "duration":
      return orProblem(operator, readDuration(text), "no-duration");
    case "bytes":
      return orProblem(operator, readSize(text), "no-size");
    case "number": {
      const isEquality = operator === ":" || operator === "=" || operator === "!=";
      const number = readNumber(text);
      // A column of numbers may contain texts, too.
      return number === undefined && isEquality
        ? asText(operator, text)
        : orProblem(operator, number, "no-number");
    }
    case "text": {
      const number = readNumber(text);
      const words = asText(operator, text);
      if (number === undefined) return words;
      const numbers = asNumber(operator, number);
      // A text is neither greater nor less than a number.
      const isOrder = "<>".includes(operator[0] ?? "");
      return (value) => (typeof value === "number" ? numbers(value) : !isOrder && words(value));
    }
  }
}

function orProblem(operator: Operator, number: number | undefined, code: ProblemCode): Compared {
  if (number === undefined) return code;
  const test = asNumber(operator, number);
  return (value) => (typeof value === "number" ? test(value) : operator === "!=");
}

/** Compares with a period, excluding `to`, or with one second. */
function inStretch(operator: Operator, from: number, to: number): (value: RunValue) => boolean {
  const isWithin = (value: number): boolean =>
    from === to ? Math.floor(value) === Math.floor(from) : value >= from && value < to;
  const test = (value: number): boolean => {
    if (operator === ":" || operator === "=") return isWithin(value);
    if (operator === "!=") return !isWithin(value);
    // A day is over when the next one begins: `<=` includes it, and `>` begins after it.
    if (from < to && operator === "<=") return value < to;
    if (from < to && operator === ">") return value >= to;
    return ordered(operator, value, from);
  };
  return (value) => typeof value === "number" && test(value);
}

/** Numbers are equal within a relative error of 1e-9. */
function asNumber(operator: Operator, wanted: number): (value: number) => boolean {
  const isSame = (value: number): boolean =>
    Object.is(value, wanted) ||
    value === wanted ||
    (Number.isFinite(value - wanted) &&
      Math.abs(value - wanted) <= 1e-9 * Math.max(Math.abs(value), Math.abs(wanted)));
  if (operator === ":" || operator === "=") return isSame;
  if (operator === "!=") return (value) => !isSame(value);
  return (value) => ordered(operator, value, wanted);
}

function asText(operator: Operator, text: string): (value: RunValue) => boolean {
  const wanted = text.toLowerCase();
  const lower = (value: RunValue): string => String(value).toLowerCase();
  if (operator === ":" || operator === "=") return (value) => lower(value) === wanted;
  if (operator === "!=") return (value) => lower(value) !== wanted;
  return (value) => ordered(operator, lower(value), wanted);
}

function ordered<T extends string | number>(operator: Operator, value: T, wanted: T): boolean {
  switch (operator) {
    case "<":
      return value < wanted;
    case "<=":
      return value <= wanted;
    case ">":
      return value > wanted;
    case ">=":
      return value >= wanted;
    default:
      return false;
  }
}
