import * as z from "zod";
import { mostColumnsAtOnce } from "../../runs/view/columnsAtOnce.js";
import { shownColumns } from "./tableState.js";

const line = z.number().int().min(0);
const columnId = z.string().max(10_000);

/** Actions on the selected runs. */
export const runActions = ["open", "compare", "charts", "viewer", "markdown", "csv"] as const;

export type RunAction = (typeof runActions)[number];

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  /** Requests lines, excluding `to`, with these columns. */
  z.object({
    kind: z.literal("rows"),
    from: line,
    to: line,
    columns: z.array(columnId).max(mostColumnsAtOnce),
  }),
  z.object({ kind: z.literal("filter"), text: z.string().max(10_000) }),
  /** `isAdded`: in addition to the current sort keys. `isDescending`: instead of the next direction. */
  z.object({
    kind: z.literal("sort"),
    column: columnId,
    isAdded: z.boolean(),
    isDescending: z.boolean().optional(),
  }),
  /** No column: no groups. */
  z.object({ kind: z.literal("group"), column: columnId.optional() }),
  z.object({ kind: z.literal("toggle"), line }),
  z.object({ kind: z.literal("columns"), columns: shownColumns }),
  /** Restores the default columns. */
  z.object({ kind: z.literal("resetColumns") }),
  /** Shows a column after the others, or hides it. */
  z.object({ kind: z.literal("toggleColumn"), column: columnId }),
  z.object({ kind: z.literal("select"), how: z.enum(["only", "toggle", "range", "all", "none"]), line }),
  /** On the selected runs, or else on the run in the line. */
  z.object({ kind: z.literal("act"), action: z.enum(runActions), line: line.optional() }),
  z.object({
    kind: z.literal("complete"),
    request: z.number(),
    text: z.string().max(10_000),
    cursor: z.number().int().min(0),
  }),
  z.object({ kind: z.literal("choices"), request: z.number(), search: z.string().max(1_000) }),
  /** Whether rows must not move, because the user is reading. */
  z.object({ kind: z.literal("reading"), isReading: z.boolean() }),
  /** Sorts and filters again. */
  z.object({ kind: z.literal("renew") }),
  z.object({ kind: z.literal("sync") }),
]);

/** From the page to the extension. */
export type FromRunTablePage = z.infer<typeof fromPage>;

/** Validates a message from the webview, which is untrusted. */
export function readFromRunTablePage(message: unknown): FromRunTablePage | undefined {
  return fromPage.safeParse(message).data;
}
