import type { KeptRun } from "../charts/chartMessages.js";
import { readToChartPage, type ToChartPage } from "../charts/toChartPage.js";
import type { CompareTexts } from "./compareTexts.js";

const comparedGroups = ["parameter", "metric", "summary", "code", "environment"] as const;

type ShownGroup = (typeof comparedGroups)[number];

/** The texts of a row of the comparison. */
export interface ShownRow {
  readonly group: ShownGroup;
  readonly name: string;
  readonly differs: boolean;
  /** In the order of the runs; empty if a run has no value. */
  readonly texts: readonly string[];
  /** The same as numbers; null if not a number. */
  readonly numbers: readonly (number | null)[];
  /** Indexes of the runs with the best value. */
  readonly best: readonly number[];
}

export interface ShownRunColumn {
  readonly label: string;
  readonly detail: string;
  /** Whether it has an archive of its source files. */
  readonly hasCode: boolean;
}

export interface ComparisonView {
  readonly runs: readonly ShownRunColumn[];
  readonly rows: readonly ShownRow[];
  /** How many rows are left out. */
  readonly more: number;
  /** What could not be read, one sentence each. */
  readonly skipped: readonly string[];
}

/** A source file that differs between two runs. */
export interface ShownChange {
  /** The path in the archive, which the page sends back. */
  readonly path: string;
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
}

/** From the extension to the page. */
export type ToComparePage =
  | { readonly kind: "setup"; readonly texts: CompareTexts; readonly kept: readonly KeptRun[] }
  /** @prop kept the runs of its columns, in order; some requested runs may no longer exist. */
  | { readonly kind: "comparison"; readonly view: ComparisonView; readonly kept: readonly KeptRun[] }
  | { readonly kind: "notice"; readonly text: string; readonly retry: boolean }
  | {
      readonly kind: "code";
      readonly baseline: number;
      readonly other: number;
      readonly files: readonly ShownChange[];
      readonly note: string;
    }
  | { readonly kind: "charts"; readonly message: ToChartPage };

/** Ignores foreign messages. Does without zod, which would be most of what the page loads. */
export function readToComparePage(message: unknown): ToComparePage | undefined {
  return isToComparePage(message) ? message : undefined;
}

function isToComparePage(message: unknown): message is ToComparePage {
  if (!isObject(message)) return false;
  switch (message["kind"]) {
    case "setup":
      return (
        isObject(message["texts"]) &&
        Object.values(message["texts"]).every(isText) &&
        isListOf(message["kept"], isKept)
      );
    case "comparison":
      return isObject(message["view"]) && isView(message["view"]) && isListOf(message["kept"], isKept);
    case "notice":
      return isText(message["text"]) && typeof message["retry"] === "boolean";
    case "code":
      return (
        isNumber(message["baseline"]) &&
        isNumber(message["other"]) &&
        isText(message["note"]) &&
        isListOf(message["files"], isChange)
      );
    case "charts":
      return readToChartPage(message["message"]) !== undefined;
    default:
      return false;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isView({ runs, rows, more, skipped }: Fields): boolean {
  return (
    isListOf(
      runs,
      ({ label, detail, hasCode }) => isText(label) && isText(detail) && typeof hasCode === "boolean",
    ) &&
    isListOf(rows, isRow) &&
    isNumber(more) &&
    Array.isArray(skipped) &&
    skipped.every(isText)
  );
}

function isRow({ group, name, differs, texts, numbers, best }: Fields): boolean {
  return (
    comparedGroups.includes(group as ShownGroup) &&
    isText(name) &&
    typeof differs === "boolean" &&
    Array.isArray(texts) &&
    texts.every(isText) &&
    Array.isArray(numbers) &&
    numbers.every((one) => one === null || isNumber(one)) &&
    Array.isArray(best) &&
    best.every(isNumber)
  );
}

function isChange({ path, name, change }: Fields): boolean {
  return isText(path) && isText(name) && ["added", "removed", "changed"].includes(change as string);
}

function isKept({ syncId, id }: Fields): boolean {
  return isText(syncId) && isText(id);
}

function isListOf(value: unknown, isOne: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item: unknown) => isObject(item) && isOne(item));
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
