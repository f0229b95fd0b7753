import type { FailureDetail } from "../common/failure.js";
import type { HostKey, KnownKey } from "../ssh/hostKeys.js";
import { hostOfName } from "../ssh/knownHostsFile.js";
import type { SshFailure } from "../ssh/failures.js";
import { kindOf, malformedIssues, type ProblemKind } from "./problem.js";
import type { Route } from "./route.js";
import { wordsOf } from "./words.js";

export type DialectName = "v0.4" | "v0.5" | "v0.6";

/** What a client hears of a problem. */
export interface ProblemAnswer {
  readonly status: ProblemStatus;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

/** One version of the API: a table of routes over services that it shares with the others, and its way to say no. */
export interface Dialect {
  readonly name: DialectName;
  readonly routes: readonly Route[];
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly answerTo: (problem: FailureDetail) => ProblemAnswer;
}

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
  viewer: 500,
  remote: 500,
  ssh: 500,
  busy: 503,
  rate: 429,
  bug: 500,
} as const satisfies Partial<Record<ProblemKind, ProblemStatus>>;

/** Headers that a problem needs in every dialect. */
export function headersFor(detail: FailureDetail): Record<string, string> {
  switch (kindOf(detail)) {
    case "token":
      return { "WWW-Authenticate": "Bearer" };
    case "method":
      return { Allow: (detail as unknown as { allowed: readonly string[] }).allowed.join(", ") };
    case "busy":
      return { "Retry-After": "1" };
    default:
      return {};
  }
}

type HostKeyProblem = Extract<SshFailure, { code: "host-key-not-trusted" | "host-key-rejected" }>;

/** What a client needs to ask its user about a key, in the field names that all versions share. */
export function hostKeyObject(detail: FailureDetail) {
  const problem = detail as HostKeyProblem;
  const { key, knownHostsName } = problem;
  const known = problem.code === "host-key-rejected" ? changedFrom(problem) : undefined;
  return {
    // Not the alias that was asked for: handed to `accept`, these must lead to the name that is looked up.
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

function changedFrom({
  verdict,
}: Extract<HostKeyProblem, { code: "host-key-rejected" }>): KnownKey | undefined {
  return verdict.kind === "changed" ? verdict.known[0] : undefined;
}

function publicKey({ type, base64 }: HostKey): string {
  return `${type} ${base64}`;
}

/** The whole of a 409's `detail` in versions 0.4 and 0.6. */
function hostKeyConfirmation(detail: FailureDetail) {
  return {
    code: "HOST_KEY_CONFIRMATION_REQUIRED",
    message: "Host key verification failed",
    host_key: hostKeyObject(detail),
  };
}

/** `detail` as FastAPI says it, in versions 0.4 and 0.6: a sentence, the host key, or a list. */
export function sentenceOrList(kind: ProblemKind, problem: FailureDetail): unknown {
  switch (kind) {
    case "malformed":
      return malformedIssues(problem);
    case "host-key":
      return hostKeyConfirmation(problem);
    case "authentication":
    case "connect-timeout":
    case "unreachable":
    case "ssh":
      return `Connection failed: ${wordsOf(problem)}`;
    case "bug":
      return "Internal Server Error";
    default:
      return wordsOf(problem);
  }
}
