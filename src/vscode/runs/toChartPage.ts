import type { Chart } from "../../charts/chart.js";
import type { ChartRunLabel, ChartTexts, KeptRun } from "./chartMessages.js";

/** From the extension to the page. */
export type ToChartPage =
  | {
      readonly kind: "setup";
      readonly texts: ChartTexts;
      readonly runs: readonly ChartRunLabel[];
      /** Which runs these are, for the page to keep. */
      readonly kept: readonly KeptRun[];
      readonly language: string;
    }
  | { readonly kind: "charts"; readonly charts: readonly Chart[] }
  /** One chart again, for another part of its axis. */
  | { readonly kind: "chart"; readonly chart: Chart }
  /** What the page says above the charts: how old the data is, or what is wrong. Empty: nothing. */
  | { readonly kind: "notice"; readonly text: string };

/** Whatever else reaches the page is none of ours. Without zod: it would be most of what the page loads. */
export function readToChartPage(message: unknown): ToChartPage | undefined {
  return isToChartPage(message) ? message : undefined;
}

function isToChartPage(message: unknown): message is ToChartPage {
  if (!isObject(message)) return false;
  switch (message["kind"]) {
    case "setup":
      return (
        isObject(message["texts"]) &&
        Object.values(message["texts"]).every(isText) &&
        isListOf(message["runs"], (run) => isText(run["label"]) && isText(run["detail"])) &&
        isListOf(message["kept"], (run) => isText(run["syncId"]) && isText(run["id"]))
      );
    case "charts":
      return isListOf(message["charts"], isChart);
    case "chart":
      return isObject(message["chart"]) && isChart(message["chart"]);
    case "notice":
      return isText(message["text"]);
    default:
      return false;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isChart({ metric, lines }: Fields): boolean {
  return (
    isText(metric) &&
    isListOf(lines, ({ run, xs, ys }) => isNumber(run) && Array.isArray(xs) && Array.isArray(ys))
  );
}

function isListOf(value: unknown, isOne: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item: unknown) => isObject(item) && isOne(item));
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
