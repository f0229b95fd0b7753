import type { RunAction } from "./fromRunTablePage.js";

/** All texts of the page, which fills in `{0}` and so on. */
export type RunTableTexts = Readonly<
  Record<
    | "title"
    | "filter"
    | "filterHelp"
    | "completions"
    | "clearFilter"
    | "columns"
    | "searchColumns"
    | "moreColumns"
    | "resetColumns"
    | "groupBy"
    | "noGroups"
    | "count"
    | "countOne"
    | "countOf"
    | "selected"
    | "fresh"
    | "stale"
    | "show"
    | "noCopies"
    | "syncRuns"
    | "noMatch"
    | "loading"
    | "close"
    | "sortUp"
    | "sortDown"
    | "groupByThis"
    | "ungroup"
    | "pin"
    | "unpin"
    | "moveLeft"
    | "moveRight"
    | "widen"
    | "narrow"
    | "hide"
    | "best"
    | "gridHelp"
    | "columnHelp"
    | "moved"
    | "hidden"
    | "actions"
    | RunAction,
    string
  >
>;

/** The heading of a column. */
export interface ColumnHead {
  readonly id: string;
  readonly title: string;
  /** Which figure of a metric; empty for others. */
  readonly figure: string;
  /** A description of where it comes from. */
  readonly detail: string;
  readonly isNumber: boolean;
  readonly width: number;
  readonly isPinned: boolean;
  readonly sort: "ascending" | "descending" | undefined;
  /** Its position among the sort keys, from 1; 0: none. */
  readonly sortPlace: number;
}

/** A line of the table, with the requested columns. */
export type TableRow =
  | {
      readonly kind: "run";
      readonly cells: readonly string[];
      /** Indexes in `cells` of the best values of their columns. */
      readonly best: readonly number[];
      readonly status: string;
      readonly isSelected: boolean;
    }
  | {
      readonly kind: "group";
      readonly title: string;
      readonly isCollapsed: boolean;
      /** A summary of the group's values in each column. */
      readonly cells: readonly string[];
    };

/** A part of the filter to underline, and why. */
export interface FilterProblem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** From the extension to the page. */
export type ToRunTablePage =
  | {
      readonly kind: "setup";
      readonly texts: RunTableTexts;
      readonly filter: string;
      readonly actions: readonly RunAction[];
    }
  /** The layout of the table; the page then requests rows. */
  | {
      readonly kind: "lines";
      /** Increases when lines change. */
      readonly revision: number;
      readonly count: number;
      readonly runs: number;
      readonly total: number;
      readonly selected: number;
      readonly fresh: number;
      readonly isStale: boolean;
      readonly hasCopies: boolean;
      readonly problems: readonly FilterProblem[];
      readonly columns: readonly ColumnHead[];
      readonly groupBy: string;
      /** What is missing in the table. Empty: nothing. */
      readonly notice: string;
    }
  /** Fewer rows than requested if they are too large for one message. */
  | {
      readonly kind: "rows";
      readonly revision: number;
      readonly from: number;
      readonly columns: readonly string[];
      readonly rows: readonly TableRow[];
    }
  | {
      readonly kind: "completions";
      readonly request: number;
      readonly from: number;
      readonly to: number;
      readonly items: readonly { readonly insert: string; readonly label: string; readonly detail: string }[];
    }
  | {
      readonly kind: "choices";
      readonly request: number;
      readonly total: number;
      readonly items: readonly ColumnChoice[];
    }
  | { readonly kind: "say"; readonly text: string };

/** A column that can be shown. */
export interface ColumnChoice {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly isShown: boolean;
  readonly isGroup: boolean;
}

/** Ignores foreign messages. Does without zod, which would be most of what the page loads. */
export function readToRunTablePage(message: unknown): ToRunTablePage | undefined {
  return isToRunTablePage(message) ? message : undefined;
}

function isToRunTablePage(message: unknown): message is ToRunTablePage {
  if (!isObject(message)) return false;
  switch (message["kind"]) {
    case "setup":
      return isObject(message["texts"]) && isText(message["filter"]) && isListOf(message["actions"], isText);
    case "lines":
      return (
        ["revision", "count", "runs", "total", "selected", "fresh"].every((name) =>
          isNumber(message[name]),
        ) &&
        isListOf(message["columns"], isHead) &&
        isListOf(
          message["problems"],
          (one) => isObject(one) && isNumber(one["from"]) && isText(one["message"]),
        ) &&
        isText(message["groupBy"]) &&
        isText(message["notice"])
      );
    case "rows":
      return (
        isNumber(message["revision"]) &&
        isNumber(message["from"]) &&
        isListOf(message["columns"], isText) &&
        isListOf(
          message["rows"],
          (row) => isObject(row) && isText(row["kind"]) && isListOf(row["cells"], isText),
        )
      );
    case "completions":
      return (
        ["request", "from", "to"].every((name) => isNumber(message[name])) &&
        isListOf(
          message["items"],
          (item) => isObject(item) && isText(item["insert"]) && isText(item["label"]),
        )
      );
    case "choices":
      return (
        isNumber(message["request"]) &&
        isNumber(message["total"]) &&
        isListOf(message["items"], (item) => isObject(item) && isText(item["id"]) && isText(item["title"]))
      );
    case "say":
      return isText(message["text"]);
    default:
      return false;
  }
}

function isHead(head: unknown): boolean {
  return isObject(head) && isText(head["id"]) && isText(head["title"]) && isNumber(head["width"]);
}

function isListOf(value: unknown, isOne: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
