import { createHash } from "node:crypto";
import { loginOf } from "./ssh/model/jobTarget.js";
import { formatTarget, type Target } from "./ssh/model/target.js";

/** Returns the id of a target's saved connection: a hash of the target as entered. A job has that of its login node. */
export function savedIdOf(target: Target): string {
  return createHash("sha256")
    .update(formatTarget(loginOf(target)))
    .digest("hex")
    .slice(0, 16);
}
