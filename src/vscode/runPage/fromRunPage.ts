import * as z from "zod";
import { readFromChartPage, type FromChartPage } from "../charts/chartMessages.js";
import { runName } from "../runKit/runName.js";
import { runSectionIds, type ShownRun } from "./toRunPage.js";

/** Maximum characters of a path in a message. */
const longestPath = 64 * 1024;

const path = z.string().max(longestPath);

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  /** Try again. */
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
  /** The visible part of the page. */
  z.object({ kind: z.literal("tab"), tab: z.enum(["overview", "charts", "log", "images", "files"]) }),
  /** Requests the picture with this path. */
  z.object({ kind: z.literal("image"), path }),
]);

/** From the page to the extension. */
export type FromRunPage = z.infer<typeof fromPage> | ChartsSay;

/** A message from the charts on the page. */
interface ChartsSay {
  readonly kind: "charts";
  readonly message: FromChartPage;
}

/** Validates a message from the webview, which is untrusted. */
export function readFromRunPage(message: unknown): FromRunPage | undefined {
  if (typeof message === "object" && message !== null && "kind" in message && message.kind === "charts") {
    const read = readFromChartPage("message" in message ? message.message : undefined);
    return read && { kind: "charts", message: read };
  }
  return fromPage.safeParse(message).data;
}

const kept = z.object({ shown: runName });

/** The run of a restored page; undefined if its state is invalid. */
export function readShownRun(state: unknown): ShownRun | undefined {
  return kept.safeParse(state).data?.shown;
}
