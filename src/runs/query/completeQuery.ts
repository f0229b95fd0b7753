import type { RunColumn, RunTable } from "../runTable.js";
import { type ColumnNames, columnNamesOf } from "./columnNames.js";
import { parseQuery, writePiece } from "./parseQuery.js";
import { type Operator, operators, type Query, type Span, type Term } from "./query.js";

/** One suggestion. */
export interface Completion {
  readonly kind: "column" | "operator" | "value";
  /** The replacement for the completed part. */
  readonly insert: string;
  /** Its name, without quotes. */
  readonly label: string;
  /** How many runs have it; undefined for operators. */
  readonly count: number | undefined;
  /** Id of the suggested column. */
  readonly column: string | undefined;
}

/** Suggestions at a position of a query, likely ones first. */
export interface Completions extends Span {
  readonly items: readonly Completion[];
}

const mostItems = 50;
/** Maximum number of different values of a column that are counted. */
const mostValues = 5_000;
/** Maximum length of a suggested value, in UTF-16 units. */
const longestValue = 100;

/** @param cursor offset in the text, in UTF-16 units. */
export function completeQuery(text: string, cursor: number, table: RunTable): Completions {
  const at = Math.max(0, Math.min(Math.floor(cursor) || 0, text.length));
  const names = columnNamesOf(table);
  const query = parseQuery(text);
  const term = termAt(query, at);
  if (term?.kind === "comparison" && at >= term.operatorAt.to) {
    const isWithin = at >= term.value.from && term.value.to > term.value.from;
    const span = isWithin ? term.value : { from: at, to: at };
    return { from: span.from, to: span.to, items: valuesFor(term, text.slice(span.from, at), table, names) };
  }
  if (term?.kind === "comparison" && at > term.name.to)
    return { from: term.operatorAt.from, to: term.operatorAt.to, items: operatorItems() };
  const piece = term?.kind === "comparison" ? term.name : term?.word;
  const typed = piece && at <= piece.to ? text.slice(piece.from, at) : "";
  const from = piece && at <= piece.to ? piece.from : at;
  const to = piece && at <= piece.to ? piece.to : at;
  const before = operatorsAfter(query, text, at, names);
  return { from, to, items: [...before, ...columnItems(typed, table, names)].slice(0, mostItems) };
}

/** The term that contains the cursor or ends there; after an operator, spaces may be in between. */
function termAt({ terms }: Query, at: number): Term | undefined {
  const within = terms.find(({ from, to }) => at > from && at <= to) ?? terms.find(({ from }) => from === at);
  if (within) return within;
  const last = terms.findLast(({ to }) => to < at);
  return last?.kind === "comparison" && last.value.text === "" && !last.value.isQuoted ? last : undefined;
}

/** Suggests operators after a column's name and a space. */
function operatorsAfter(
  { terms }: Query,
  text: string,
  at: number,
  names: ColumnNames,
): readonly Completion[] {
  const last = terms.findLast(({ to }) => to < at);
  if (last?.kind !== "word" || last.isNot || text.slice(last.to, at).trim() !== "") return [];
  return names.resolve(last.word.text) ? operatorItems() : [];
}

function operatorItems(): readonly Completion[] {
  return operators.map((operator: Operator) => ({
    kind: "operator",
    insert: `${operator}${operator === ":" || operator === "~" ? "" : " "}`,
    label: operator,
    count: undefined,
    column: undefined,
  }));
}

/** The typed part without quotes, in lower case. */
function bare(typed: string): string {
  return typed.replace(/^["']|["']$/g, "").toLowerCase();
}

function columnItems(typed: string, table: RunTable, names: ColumnNames): readonly Completion[] {
  const wanted = bare(typed);
  /** By quality of the match. */
  const found: [name: string, column: RunColumn][][] = [[], [], [], []];
  for (const column of table.columns.values()) {
    // Columns of other groups exist only if runs have values.
    if (column.group === "run" && column.filled === 0) continue;
    const name = names.nameOf(column);
    const isShort = name === column.name || column.figure === undefined;
    // A metric's name resolves to one of its figures. Suggest the others only once something was typed.
    if (wanted === "" && !isShort) continue;
    const place = placeOf(name.toLowerCase(), wanted);
    if (place !== undefined) found[isShort || place > 1 ? place : 2]?.push([name, column]);
    if ((found[0]?.length ?? 0) >= mostItems) break;
  }
  return found
    .flat()
    .slice(0, mostItems)
    .map(([name, column]) => ({
      kind: "column",
      insert: writePiece(name),
      label: name,
      count: column.filled,
      column: column.id,
    }));
}

/** 0: the name begins with the text; 1: a part of it does; 3: it contains the text. */
function placeOf(name: string, wanted: string): 0 | 1 | 3 | undefined {
  const at = name.indexOf(wanted);
  if (at < 0) return undefined;
  if (at === 0) return 0;
  return /[./_-]/.test(name[at - 1] ?? "") ? 1 : 3;
}

function valuesFor(
  { name, value }: Extract<Term, { kind: "comparison" }>,
  typed: string,
  table: RunTable,
  names: ColumnNames,
): readonly Completion[] {
  const named = names.resolve(name.text);
  if (!named) return [];
  const counts = named.kind === "tags" ? countTags(table) : countValues(named.column, table.count);
  // Only the text before the cursor filters.
  const wanted = value.isQuoted ? bare(typed) : typed.toLowerCase();
  return [...counts]
    .filter(([text]) => text.toLowerCase().includes(wanted))
    .sort(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1))
    .slice(0, mostItems)
    .map(([text, count]) => ({
      kind: "value",
      insert: writePiece(text),
      label: text,
      count,
      column: undefined,
    }));
}

function countValues(column: RunColumn, rows: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  // Suggest names of times instead of seconds since the epoch.
  if (column.kind === "time")
    return new Map([
      ["today", 0],
      ["yesterday", 0],
      ["7d", 0],
      ["30d", 0],
    ]);
  for (let row = 0; row < rows && counts.size < mostValues; row += 1) {
    const value = column.at(row);
    if (value === undefined) continue;
    const text = String(value);
    if (text.length <= longestValue) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

function countTags(table: RunTable): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let row = 0; row < table.count && counts.size < mostValues; row += 1)
    for (const tag of table.runAt(row).tags)
      if (tag.length <= longestValue) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return counts;
}
