import * as z from "zod";
import { authentications, textFields } from "./draft.js";
import type { KeptForm } from "./toConnectionPage.js";

/** Maximum characters of a field in a message: more than is valid, so that the form can say so. */
const longestRead = 10_000;

const text = z.string().max(longestRead);
const draft = z.object({
  ...(Object.fromEntries(textFields.map((field) => [field, text])) as Record<
    (typeof textFields)[number],
    typeof text
  >),
  authentication: z.enum(authentications),
});

const fromPage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("changed"), draft }),
  z.object({ kind: z.literal("save"), draft }),
  z.object({ kind: z.literal("test"), draft }),
  z.object({ kind: z.literal("cancel") }),
  z.object({ kind: z.literal("browse"), field: z.enum(["keyFile", "python", "root"]) }),
  z.object({ kind: z.literal("forget-password") }),
]);

/** From the page to the extension. */
export type FromConnectionPage = z.infer<typeof fromPage>;

/** Validates a message from the webview, which is untrusted. */
export function readFromConnectionPage(message: unknown): FromConnectionPage | undefined {
  return fromPage.safeParse(message).data;
}

const keptForm = z.object({ id: z.string().min(1).max(100), base: draft, draft });

/** The form of a restored tab; undefined if its state is invalid. */
export function readKeptForm(state: unknown): KeptForm | undefined {
  return keptForm.safeParse(state).data;
}
