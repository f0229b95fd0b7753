import * as z from "zod";
import { runName } from "../runKit/runName.js";
import { type FromChartPage, type KeptRun, readFromChartPage } from "../charts/chartMessages.js";

const place = z.number().int().min(0).max(100);

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  /** The person wants another try. */
  z.object({ kind: z.literal("retry") }),
  /** Which source files changed between two runs. */
  z.object({ kind: z.literal("code"), baseline: place, other: place }),
  /** Shows what changed in one. */
  z.object({ kind: z.literal("diff"), baseline: place, other: place, path: z.string().max(64 * 1024) }),
  z.object({ kind: z.literal("open"), run: place }),
]);

/** From the page to the extension. */
export type FromComparePage =
  z.infer<typeof fromPage> | { readonly kind: "charts"; readonly message: FromChartPage };

/** Messages from a webview are input like any other. */
export function readFromComparePage(message: unknown): FromComparePage | undefined {
  if (typeof message === "object" && message !== null && "kind" in message && message.kind === "charts") {
    const read = readFromChartPage("message" in message ? message.message : undefined);
    return read && { kind: "charts", message: read };
  }
  return fromPage.safeParse(message).data;
}

const keptState = z.object({
  runs: z.array(runName).min(2).max(50),
});

/** The runs of a comparison that VS Code restored; none where what it kept is none of ours. */
export function readComparedRuns(state: unknown): readonly KeptRun[] {
  return keptState.safeParse(state).data?.runs ?? [];
}
