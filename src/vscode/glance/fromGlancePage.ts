import * as z from "zod";

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({
    kind: z.literal("pressed"),
    action: z.enum(["charts", "viewer"]),
    syncId: z.string(),
    runId: z.string(),
  }),
]);

/** From the page to the extension. */
export type FromGlancePage = z.infer<typeof fromPage>;

/** Messages from a webview are input like any other. */
export function readFromGlancePage(message: unknown): FromGlancePage | undefined {
  return fromPage.safeParse(message).data;
}
