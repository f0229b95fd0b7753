import * as z from "zod";

/** A run's name, as a page keeps it. */
export const runName = z.object({
  syncId: z.string().max(100),
  id: z.string().max(1_000),
  inFolder: z
    .string()
    .max(64 * 1024)
    .optional(),
});
