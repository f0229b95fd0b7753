import type { RunColumn, RunTable, RunValue } from "../runTable.js";
import { columnNamesOf } from "./columnNames.js";
import { readDuration, readNumber, readSize, readTime } from "./literals.js";
import type { ComparisonTerm, Operator, Query, QueryProblem, Term } from "./query.js";

/** Which runs of a table a line chooses. */
export interface QueryMatch {
  /** @param row counted from 0. */
  matches(row: number): boolean;
  /** Of reading the line, and of what its names and values mean in this table. In the order of the line. */
  readonly problems: readonly QueryProblem[];
}

type Test = (row: number) => boolean;
type ProblemCode = QueryProblem["code"];

/** What a value is compared by, or what is wrong with it. */
type Compared = ((value: RunValue) => boolean) | ProblemCode;

/** @param now seconds since the epoch, by which `3d` ago is told. */
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

/** A run is shown by its alias where it has one, and found by both. */
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

/** What a person calls a run, in small letters, put together when it is first looked at. */
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

/** An asterisk alone stands for any value. */
function isAny({ operator, value }: ComparisonTerm): boolean {
  return operator === ":" && !value.isQuoted && value.text === "*";
}

/** The values of a term with `:`, else its only one. */
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
      // A column of numbers may hold a word here and there.
      return number === undefined && isEquality
        ? asText(operator, text)
        : orProblem(operator, number, "no-number");
    }
    case "text": {
      const number = readNumber(text);
      const words = asText(operator, text);
      if (number === undefined) return words;
      const numbers = asNumber(operator, number);
      // A word is neither more nor less than a number.
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

/** Seconds: from the first up to the one before the last, or one moment. */
function inStretch(operator: Operator, from: number, to: number): (value: RunValue) => boolean {
  const isWithin = (value: number): boolean =>
    from === to ? Math.floor(value) === Math.floor(from) : value >= from && value < to;
  const test = (value: number): boolean => {
    if (operator === ":" || operator === "=") return isWithin(value);
    if (operator === "!=") return !isWithin(value);
    return ordered(operator, value, from);
  };
  return (value) => typeof value === "number" && test(value);
}

/** Numbers that differ in less than what a person writes are the same. */
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
