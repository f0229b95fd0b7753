import * as z from "zod";

/** Schema of a run's name in the state of a page. */
export const runName = z.object({
  syncId: z.string().max(100),
  id: z.string().max(1_000),
  inFolder: z
    .string()
    .max(64 * 1024)
    .optional(),
});
