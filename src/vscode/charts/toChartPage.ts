import type { ChartPart, MetricName, RunGroup } from "../../charts/chart.js";
import type { BestRuns } from "../../charts/bestRuns.js";
import type { ChartRunLabel, ChartTexts, KeptRun } from "./chartMessages.js";

/** Actions on all charts of a page. */
const chartActions = ["save-png", "copy-png", "save-csv", "copy-csv", "reset-zoom"] as const;
export type ChartAction = (typeof chartActions)[number];

/** From the extension to the page. */
export type ToChartPage =
  | {
      readonly kind: "setup";
      readonly texts: ChartTexts;
      readonly language: string;
    }
  /** How the runs can be grouped. */
  | {
      readonly kind: "groupings";
      readonly groupings: readonly { readonly id: string; readonly label: string }[];
      /** Whether no more will follow. */
      readonly isWhole: boolean;
    }
  /** The runs, in several messages if there are many. */
  | {
      readonly kind: "runs";
      readonly runs: readonly ChartRunLabel[];
      /** The runs for the page to keep; some may no longer be on this machine. */
      readonly kept: readonly KeptRun[];
      readonly isFirst: boolean;
      readonly isLast: boolean;
    }
  /** Which runs to highlight. */
  | ({ readonly kind: "best" } & BestRuns)
  /** Names of metrics, in several messages if there are many. */
  | {
      readonly kind: "names";
      readonly names: readonly MetricName[];
      readonly isFirst: boolean;
      readonly isLast: boolean;
    }
  /** The groups of the following lines; empty: lines are of runs. */
  | { readonly kind: "groups"; readonly groups: readonly RunGroup[] }
  /** Charts in view, or parts of them. */
  | { readonly kind: "charts"; readonly charts: readonly ChartPart[] }
  /** The notice above the charts: how old the data is, or an error. Empty: none. */
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "do"; readonly action: ChartAction };

/** Ignores foreign messages. Does without zod, which would be most of what the page loads. */
export function readToChartPage(message: unknown): ToChartPage | undefined {
  return isToChartPage(message) ? message : undefined;
}

function isToChartPage(message: unknown): message is ToChartPage {
  if (!isObject(message)) return false;
  switch (message["kind"]) {
    case "setup":
      return isObject(message["texts"]) && Object.values(message["texts"]).every(isText);
    case "groupings":
      return isListOf(message["groupings"], ({ id, label }) => isText(id) && isText(label));
    case "runs":
      return (
        isListOf(message["runs"], ({ label, detail }) => isText(label) && isText(detail)) &&
        isListOf(message["kept"], ({ syncId, id }) => isText(syncId) && isText(id))
      );
    case "best":
      return areNumbers(message["runs"]) && (message["by"] === undefined || isBestBy(message["by"]));
    case "names":
      return isListOf(message["names"], ({ metric, runs }) => isText(metric) && isNumber(runs));
    case "groups":
      return isListOf(message["groups"], ({ label, runs }) => isText(label) && areNumbers(runs));
    case "charts":
      return isListOf(message["charts"], isChart);
    case "notice":
      return isText(message["text"]);
    case "do":
      return chartActions.some((action) => action === message["action"]);
    default:
      return false;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isBestBy(value: unknown): boolean {
  return isObject(value) && isText(value["metric"]) && (value["mode"] === "min" || value["mode"] === "max");
}

function isChart({ metric, lines }: Fields): boolean {
  return isText(metric) && isListOf(lines, isLine);
}

function isLine(line: Fields): boolean {
  const { run, marks, raw, replaced, band } = line;
  return (
    isNumber(run) &&
    arePoints(line) &&
    isListOf(marks, ({ x, step, kind }) => isNumber(x) && isNumber(step) && isText(kind)) &&
    (raw === undefined || (isObject(raw) && arePoints(raw))) &&
    (replaced === undefined || isListOf(replaced, arePoints)) &&
    (band === undefined || (isObject(band) && Array.isArray(band["low"]) && Array.isArray(band["high"])))
  );
}

function arePoints({ xs, ys }: Fields): boolean {
  return Array.isArray(xs) && Array.isArray(ys);
}

function areNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every(isNumber);
}

function isListOf(value: unknown, isOne: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item: unknown) => isObject(item) && isOne(item));
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
