import * as z from "zod";
import { readFromChartPage, type FromChartPage } from "../charts/chartMessages.js";
import { runName } from "../runKit/runName.js";
import { runSectionIds, type ShownRun } from "./toRunPage.js";

/** Characters of a path that a page may send. */
const longestPath = 64 * 1024;

const path = z.string().max(longestPath);

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  /** The person wants another try. */
  z.object({ kind: z.literal("retry") }),
  z.object({
    kind: z.literal("action"),
    action: z.enum(["open-in-viewer", "copy-id", "copy-path", "copy-link", "tail-log", "show-charts"]),
  }),
  z.object({
    kind: z.literal("file"),
    path,
    action: z.enum(["open", "open-to-side", "download", "copy-path"]),
  }),
  /** Copies the value of a row. */
  z.object({ kind: z.literal("copy"), section: z.enum(runSectionIds), row: z.number().int().min(0) }),
  /** Which part of the page is seen. */
  z.object({ kind: z.literal("tab"), tab: z.enum(["overview", "charts", "log", "images", "files"]) }),
  /** The picture at this place is wanted. */
  z.object({ kind: z.literal("image"), path }),
]);

/** From the page to the extension. */
export type FromRunPage = z.infer<typeof fromPage> | ChartsSay;

/** What the charts on the page say. */
interface ChartsSay {
  readonly kind: "charts";
  readonly message: FromChartPage;
}

/** Messages from a webview are input like any other. */
export function readFromRunPage(message: unknown): FromRunPage | undefined {
  if (typeof message === "object" && message !== null && "kind" in message && message.kind === "charts") {
    const read = readFromChartPage("message" in message ? message.message : undefined);
    return read && { kind: "charts", message: read };
  }
  return fromPage.safeParse(message).data;
}

const kept = z.object({ shown: runName });

/** The run of a page that VS Code restored; undefined where what it kept is none of ours. */
export function readShownRun(state: unknown): ShownRun | undefined {
  return kept.safeParse(state).data?.shown;
}
