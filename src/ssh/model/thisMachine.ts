import { jobOf } from "./jobTarget.js";
import { isTarget, type Target } from "./target.js";

/** The machine that we run on. A host that is reached by SSH never has this name: none holds a space. */
export const thisMachine: Target = { host: "this machine" };

export function isThisMachine({ host }: Target): boolean {
  return host === thisMachine.host;
}

/** The rule for a target in a file of ours: somebody else's words ({@link isTarget}) never lead to this machine. */
export function isKeptTarget(target: Target): boolean {
  return (
    isTarget(target) ||
    jobOf(target) !== undefined ||
    (isThisMachine(target) && target.user === undefined && target.port === undefined)
  );
}

/** Whether programs can run here as they do on hosts: these are POSIX systems. */
export function canBeHost(platform: string): boolean {
  return platform !== "win32";
}
