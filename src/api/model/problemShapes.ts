import * as z from "zod";

/* The schemas of error responses; problems.ts of this folder and of each version fill them. */

const hostKey = z
  .object({
    host: z.string(),
    port: z.int(),
    known_hosts_host: z.string(),
    key_type: z.string(),
    fingerprint_sha256: z.string(),
    public_key: z.string(),
    reason: z.enum(["unknown", "changed"]),
    expected_fingerprint_sha256: z.string().optional(),
    expected_public_key: z.string().optional(),
  })
  .meta({ title: "HostKey" });

const confirmation = z
  .object({
    code: z.literal("HOST_KEY_CONFIRMATION_REQUIRED"),
    message: z.string(),
    host_key: hostKey,
  })
  .meta({ title: "HostKeyConfirmation" });

const issue = z
  .object({
    type: z.string(),
    loc: z.array(z.union([z.string(), z.int()])),
    msg: z.string(),
  })
  .meta({ title: "RequestIssue" });

/** Versions 0.4 and 0.6. */
export const detailShapes = {
  hostKey: z.object({ detail: z.union([confirmation, z.string()]) }).meta({ title: "Conflict" }),
  malformed: z.object({ detail: z.array(issue) }).meta({ title: "MalformedRequest" }),
  other: z.object({ detail: z.string() }).meta({ title: "Problem" }),
};

const inV05 = <S extends z.ZodType>(details: S) =>
  z.object({ success: z.literal(false), error: z.string(), message: z.string(), details });
const other = inV05(z.record(z.string(), z.unknown())).meta({ title: "ProblemV05" });

/** Version 0.5. */
export const errorShapes = {
  hostKey: inV05(z.object({ host_key: hostKey.optional() })).meta({ title: "ConflictV05" }),
  malformed: other,
  other,
};
