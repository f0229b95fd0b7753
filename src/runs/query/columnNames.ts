import type { ColumnGroup, RunColumn, RunTable } from "../runTable.js";

/** What a name in a query refers to. */
export type Named = { readonly kind: "column"; readonly column: RunColumn } | { readonly kind: "tags" };

/** Looks up the columns of a table by name. */
export interface ColumnNames {
  /**
   * Tries in this order: a name with its group (`param.lr`, `metric.val_loss.min`), properties of every run,
   * parameters, summary, metrics (the best value, or else the last one), environment; then the same ignoring case; then
   * the last part of a longer name, if only one parameter or only one column ends with it.
   */
  resolve(name: string): Named | undefined;
  /** The shortest name that resolves to this column. */
  nameOf(column: RunColumn): string;
}

/** Prefixes of names. */
const prefixes: Readonly<Record<string, ColumnGroup>> = {
  run: "run",
  param: "parameter",
  params: "parameter",
  parameter: "parameter",
  config: "parameter",
  summary: "summary",
  metric: "metric",
  env: "environment",
  environment: "environment",
};

/** The prefix that we write for a group. */
const written: Readonly<Record<ColumnGroup, string>> = {
  run: "run",
  parameter: "param",
  summary: "summary",
  metric: "metric",
  environment: "env",
};

/** Synonyms of properties of every run. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  name: ["label"],
  group: ["path"],
  hostname: ["machine"],
  started: ["created"],
  bytes: ["size"],
  runtime: ["duration"],
};

const groups: readonly ColumnGroup[] = ["run", "parameter", "summary", "metric", "environment"];
const figures = ["best", "last", "min", "max"] as const;

const made = new WeakMap<RunTable, ColumnNames>();

/** Cached for each table. */
export function columnNamesOf(table: RunTable): ColumnNames {
  const known = made.get(table);
  if (known) return known;
  const names = createColumnNames(table);
  made.set(table, names);
  return names;
}

function createColumnNames({ columns }: RunTable): ColumnNames {
  const exact = new Map<string, RunColumn>();
  const folded = new Map<string, RunColumn>();
  const lastParts = new Map<string, RunColumn[]>();
  const keyOf = (group: ColumnGroup, name: string): string => `${group} ${name}`;
  const isBetter = (one: RunColumn, other: RunColumn): boolean =>
    figures.indexOf(one.figure ?? "best") < figures.indexOf(other.figure ?? "best");
  const note = (into: Map<string, RunColumn>, key: string, column: RunColumn): void => {
    const present = into.get(key);
    if (!present || (present.name === column.name && isBetter(column, present))) into.set(key, column);
  };
  for (const column of columns.values()) {
    note(exact, keyOf(column.group, column.name), column);
    note(folded, keyOf(column.group, column.name.toLowerCase()), column);
    if (column.group === "metric" && column.figure)
      exact.set(keyOf("metric", `${column.name}.${column.figure}`), column);
  }
  for (const column of folded.values()) {
    if (column.group === "run") continue;
    const last = column.name.slice(Math.max(column.name.lastIndexOf("."), column.name.lastIndexOf("/")) + 1);
    if (last === column.name || last === "") continue;
    const present = lastParts.get(last.toLowerCase());
    if (present) present.push(column);
    else lastParts.set(last.toLowerCase(), [column]);
  }

  const inGroup = (group: ColumnGroup, name: string): RunColumn | undefined => {
    const other = group === "run" ? (ownValue(synonyms, name.toLowerCase()) ?? []) : [];
    const found = exact.get(keyOf(group, name)) ?? folded.get(keyOf(group, name.toLowerCase()));
    return found ?? other.map((one) => exact.get(keyOf(group, one))).find((one) => one !== undefined);
  };
  const explicit = (name: string): RunColumn | undefined => {
    const dot = name.indexOf(".");
    const group = dot > 0 ? ownValue(prefixes, name.slice(0, dot).toLowerCase()) : undefined;
    return group && inGroup(group, name.slice(dot + 1));
  };
  const byLastPart = (name: string): RunColumn | undefined => {
    const found = lastParts.get(name.toLowerCase()) ?? [];
    const parameters = found.filter(({ group }) => group === "parameter");
    if (parameters.length > 0) return parameters.length === 1 ? parameters[0] : undefined;
    return found.length === 1 ? found[0] : undefined;
  };
  const find = (name: string): RunColumn | undefined => {
    const own = explicit(name) ?? columns.get(name);
    if (own) return own;
    for (const group of groups) {
      const same = exact.get(keyOf(group, name)) ?? (group === "run" ? inGroup(group, name) : undefined);
      if (same) return same;
    }
    for (const group of groups) {
      const found = inGroup(group, name);
      if (found) return found;
    }
    return byLastPart(name);
  };
  const resolve = (name: string): Named | undefined => {
    if (/^(run\.)?tags?$/i.test(name)) return { kind: "tags" };
    const column = find(name);
    return column && { kind: "column", column };
  };
  return {
    resolve,
    nameOf: (column) => {
      const { group, name, figure } = column;
      if (group === "run" && name === "tags") return "tag";
      if (find(name) === column) return name;
      return `${written[group]}.${name}${figure === undefined ? "" : `.${figure}`}`;
    },
  };
}

function ownValue<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
