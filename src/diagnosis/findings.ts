import type { FailureDetail } from "../common/failure.js";

/** What was found and is no failure of another room. Texts come from the host and are hostile. */
export type OwnFinding =
  /** The first thing that the server said is no SSH identification string. */
  | { readonly code: "wrong-banner"; readonly host: string; readonly port: number; readonly said: string }
  /** Start-up files print where nobody reads: scp, rsync and git break of it, and some of them end early. */
  | { readonly code: "start-files-print"; readonly host: string; readonly printed: string }
  /** Nothing can be written where a viewer keeps its files: a full disk, a quota, a folder that is read-only. */
  | { readonly code: "not-writable"; readonly host: string; readonly folder: string; readonly reason: string }
  | { readonly code: "no-python"; readonly host: string }
  | { readonly code: "no-runicorn"; readonly host: string; readonly environments: number }
  /** Positive: the host's clock is ahead. */
  | { readonly code: "clock-differs"; readonly host: string; readonly seconds: number };

export type Finding = OwnFinding | FailureDetail;

const ownCodes: ReadonlySet<string> = new Set<OwnFinding["code"]>([
  "wrong-banner",
  "start-files-print",
  "not-writable",
  "no-python",
  "no-runicorn",
  "clock-differs",
]);

export function isOwnFinding(finding: Finding): finding is OwnFinding {
  return ownCodes.has(finding.code);
}
