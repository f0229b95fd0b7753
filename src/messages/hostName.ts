import * as l10n from "@vscode/l10n";
import { jobOf } from "../ssh/model/jobTarget.js";
import { isThisMachine } from "../ssh/model/thisMachine.js";
import { quoted } from "./failureWords.js";

/** Returns a host's name for a sentence: as entered and sanitized, or this machine, or a job and its host. */
export function hostName(host: string): string {
  const job = jobOf({ host });
  if (job) return l10n.t("job {0} on {1}", job.jobId, quoted(job.login.host));
  return isThisMachine({ host }) ? l10n.t("this machine") : quoted(host);
}
