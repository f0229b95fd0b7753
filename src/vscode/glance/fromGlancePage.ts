import * as z from "zod";

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({
    kind: z.literal("pressed"),
    action: z.enum(["charts", "viewer"]),
    syncId: z.string(),
    folder: z.string(),
  }),
]);

/** From the page to the extension. */
export type FromGlancePage = z.infer<typeof fromPage>;

/** Validates a message from the webview, which is untrusted. */
export function readFromGlancePage(message: unknown): FromGlancePage | undefined {
  return fromPage.safeParse(message).data;
}
