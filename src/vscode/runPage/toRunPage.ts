import { readToChartPage, type ToChartPage } from "../charts/toChartPage.js";
import type { RunName } from "../../runs/runName.js";
import type { RunPageTexts } from "./runPageTexts.js";

/** The run of a page, in the state that VS Code keeps. */
export type ShownRun = RunName;

/** A name and a value, as display text. */
export interface RunFact {
  readonly name: string;
  readonly value: string;
}

/** A section of names and values. */
export interface RunSection {
  readonly id: RunSectionId;
  readonly title: string;
  readonly rows: readonly RunFact[];
  /** How many are left out. */
  readonly more: number;
}

export const runSectionIds = ["facts", "parameters", "metrics", "summary", "code", "environment"] as const;
export type RunSectionId = (typeof runSectionIds)[number];

/** A file of the run as the page lists it. */
export interface ShownFile {
  /** The path on the host, which the page sends back. */
  readonly path: string;
  readonly name: string;
  readonly size: string;
  readonly isHere: boolean;
}

/** The texts of a run. */
export interface RunView {
  readonly title: string;
  readonly subtitle: string;
  /** Relative to the root, unchanged. */
  readonly folder: string;
  readonly status: {
    readonly kind: "running" | "finished" | "failed" | "interrupted" | "other";
    readonly text: string;
    /** The reason; may be empty. */
    readonly reason: string;
  };
  /** Duration in seconds, so far if running; undefined if unknown. */
  readonly seconds: number | undefined;
  readonly isRunning: boolean;
  readonly tags: readonly string[];
  readonly note: string;
  readonly sections: readonly RunSection[];
  readonly files: readonly ShownFile[];
  readonly moreFiles: number;
  readonly filesText: string;
  /** What is left out and why, one sentence each. */
  readonly skipped: readonly string[];
  readonly hasLog: boolean;
}

/** An image of a run. */
export interface ShownImage {
  readonly step: number;
  readonly caption: string;
  readonly path: string;
}

export interface ImageSeries {
  readonly name: string;
  readonly images: readonly ShownImage[];
}

/** From the extension to the page. */
export type ToRunPage =
  | { readonly kind: "setup"; readonly texts: RunPageTexts; readonly shown: ShownRun }
  | { readonly kind: "run"; readonly view: RunView }
  /** An error, or how old the data is; empty: none. @prop retry whether a retry may help. */
  | { readonly kind: "notice"; readonly text: string; readonly retry: boolean }
  | { readonly kind: "charts"; readonly message: ToChartPage }
  | { readonly kind: "log"; readonly lines: readonly string[]; readonly note: string }
  | { readonly kind: "images"; readonly series: readonly ImageSeries[]; readonly note: string }
  /** A picture as a `data:` URL, or the problem. */
  | { readonly kind: "image"; readonly path: string; readonly source: string; readonly problem: string }
  /** Progress of fetching a picture, in percent. */
  | { readonly kind: "image-progress"; readonly path: string; readonly percent: number }
  /** Announces to screen readers what was done. */
  | { readonly kind: "said"; readonly text: string };

/** Ignores foreign messages. Does without zod, which would be most of what the page loads. */
export function readToRunPage(message: unknown): ToRunPage | undefined {
  return isToRunPage(message) ? message : undefined;
}

function isToRunPage(message: unknown): message is ToRunPage {
  if (!isObject(message)) return false;
  switch (message["kind"]) {
    case "setup":
      return (
        isObject(message["texts"]) &&
        Object.values(message["texts"]).every(isText) &&
        isObject(message["shown"]) &&
        isText(message["shown"]["syncId"]) &&
        isText(message["shown"]["id"])
      );
    case "run":
      return isObject(message["view"]) && isView(message["view"]);
    case "notice":
      return isText(message["text"]) && typeof message["retry"] === "boolean";
    case "charts":
      return readToChartPage(message["message"]) !== undefined;
    case "log":
      return isListOfTexts(message["lines"]) && isText(message["note"]);
    case "images":
      return isListOf(message["series"], isSeries) && isText(message["note"]);
    case "image":
      return isText(message["path"]) && isPicture(message["source"]) && isText(message["problem"]);
    case "image-progress":
      return isText(message["path"]) && isNumber(message["percent"]);
    case "said":
      return isText(message["text"]);
    default:
      return false;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isView(view: Fields): boolean {
  const { status, seconds, isRunning, tags, sections, files, moreFiles, skipped, hasLog } = view;
  return (
    [view["title"], view["subtitle"], view["folder"], view["note"], view["filesText"]].every(isText) &&
    isObject(status) &&
    [status["kind"], status["text"], status["reason"]].every(isText) &&
    (seconds === undefined || isNumber(seconds)) &&
    typeof isRunning === "boolean" &&
    isListOfTexts(tags) &&
    isListOf(sections, isSection) &&
    isListOf(
      files,
      ({ path, name, size, isHere }) => [path, name, size].every(isText) && typeof isHere === "boolean",
    ) &&
    isNumber(moreFiles) &&
    isListOfTexts(skipped) &&
    typeof hasLog === "boolean"
  );
}

function isSection({ id, title, rows, more }: Fields): boolean {
  return (
    runSectionIds.includes(id as RunSectionId) &&
    isText(title) &&
    isListOf(rows, ({ name, value }) => isText(name) && isText(value)) &&
    isNumber(more)
  );
}

function isSeries({ name, images }: Fields): boolean {
  return (
    isText(name) &&
    isListOf(images, ({ step, caption, path }) => isNumber(step) && isText(caption) && isText(path))
  );
}

/** Accepts only `data:` URLs, which are not fetched from anywhere. */
function isPicture(source: unknown): boolean {
  return typeof source === "string" && /^(?:data:image\/(?:png|jpeg|gif|webp|bmp);base64,|$)/.test(source);
}

function isListOf(value: unknown, isOne: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item: unknown) => isObject(item) && isOne(item));
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
