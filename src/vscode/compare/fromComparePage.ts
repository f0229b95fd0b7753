import * as z from "zod";
import { runName } from "../runKit/runName.js";
import { type FromChartPage, type KeptRun, readFromChartPage } from "../charts/chartMessages.js";

const place = z.number().int().min(0).max(100);

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  /** Try again. */
  z.object({ kind: z.literal("retry") }),
  /** Which source files changed between two runs. */
  z.object({ kind: z.literal("code"), baseline: place, other: place }),
  /** Shows the changes of one file. */
  z.object({ kind: z.literal("diff"), baseline: place, other: place, path: z.string().max(64 * 1024) }),
  z.object({ kind: z.literal("open"), run: place }),
]);

/** From the page to the extension. */
export type FromComparePage =
  z.infer<typeof fromPage> | { readonly kind: "charts"; readonly message: FromChartPage };

/** Validates a message from the webview, which is untrusted. */
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

/** The runs of a restored comparison; none if its state is invalid. */
export function readComparedRuns(state: unknown): readonly KeptRun[] {
  return keptState.safeParse(state).data?.runs ?? [];
}
