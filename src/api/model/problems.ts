import type { HostKey } from "../../ssh/model/hostKeys.js";
import { hostOfName } from "../../ssh/hostKeys/knownHostsFile.js";
import {
  type HostKeyProblem,
  isHostKeyProblem,
  kindOf,
  malformedIssues,
  type Problem,
  type ProblemKind,
} from "./failures.js";
import { wordsOf } from "./words.js";

/** Statuses on which all dialects agree; each adds its own rows. */
export const commonStatuses = {
  "host-key": 409,
  "no-connection": 404,
  "connection-id": 400,
  "no-environment": 404,
  "no-viewer": 404,
  "path-missing": 404,
  "path-forbidden": 403,
  authentication: 401,
  forbidden: 403,
  token: 401,
  "too-large": 413,
  "media-type": 415,
  "no-route": 404,
  method: 405,
  unusable: 400,
  start: 500,
  viewer: 500,
  local: 500,
  remote: 500,
  ssh: 500,
  busy: 503,
  rate: 429,
  bug: 500,
} as const satisfies Partial<Record<ProblemKind, number>>;

/** Headers that a problem needs in every dialect. */
export function headersFor(problem: Problem): Record<string, string> {
  if (problem.code === "method-not-allowed") return { Allow: problem.allowed.join(", ") };
  switch (kindOf(problem)) {
    case "token":
      return { "WWW-Authenticate": "Bearer" };
    case "busy":
      return { "Retry-After": "1" };
    default:
      return {};
  }
}

/** Everything a client needs to ask its user about a host key; all versions share the field names. */
export function hostKeyObject(problem: HostKeyProblem) {
  const { key, knownHostsName } = problem;
  const known = problem.code === "host-key-rejected" ? problem.verdict.known[0] : undefined;
  return {
    // The known_hosts name, not the requested alias: `accept` must find the same entry.
    ...hostOfName(knownHostsName),
    known_hosts_host: knownHostsName,
    key_type: key.type,
    fingerprint_sha256: key.fingerprint,
    public_key: publicKey(key),
    reason: known ? "changed" : "unknown",
    ...(known && {
      expected_fingerprint_sha256: known.key.fingerprint,
      expected_public_key: publicKey(known.key),
    }),
  };
}

function publicKey({ type, base64 }: HostKey): string {
  return `${type} ${base64}`;
}

/** The whole of a 409's `detail` in versions 0.4 and 0.6. */
function hostKeyConfirmation(problem: HostKeyProblem) {
  return {
    code: "HOST_KEY_CONFIRMATION_REQUIRED",
    message: "Host key verification failed",
    host_key: hostKeyObject(problem),
  };
}

/** FastAPI's `detail`, in versions 0.4 and 0.6: a sentence, the host key, or a list of issues. */
export function sentenceOrList(kind: ProblemKind, problem: Problem): unknown {
  if (isHostKeyProblem(problem)) return hostKeyConfirmation(problem);
  switch (kind) {
    case "malformed":
      return malformedIssues(problem);
    case "authentication":
    case "connect-timeout":
    case "unreachable":
    case "ssh":
      return `Connection failed: ${wordsOf(problem)}`;
    case "start":
      return `Failed to start Remote Viewer: ${wordsOf(problem)}`;
    case "bug":
      return "Internal Server Error";
    default:
      return wordsOf(problem);
  }
}
