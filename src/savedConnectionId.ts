import { createHash } from "node:crypto";
import { formatTarget, type Target } from "./ssh/model/target.js";

/** The saved connection of a target: the same words lead to the same entry. */
export function savedIdOf(target: Target): string {
  return createHash("sha256").update(formatTarget(target)).digest("hex").slice(0, 16);
}
