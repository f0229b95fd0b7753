import type * as z from "zod";
import type { FailureDetail } from "../common/failure.js";
import type { AnyFailure } from "../messages/describeFailure.js";
import type { RelayFailure } from "../relay/failures.js";

/** One thing that is wrong with a request, in the shape of FastAPI's list. It never holds what was sent. */
export interface RequestIssue {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

/** What the API itself refuses or does not find. */
export type ApiFailure =
  | { readonly code: "request-malformed"; readonly issues: readonly RequestIssue[] }
  | { readonly code: "caller-refused"; readonly reason: "host" | "origin" | "cross-site" }
  | { readonly code: "token-wrong" }
  | { readonly code: "body-not-json" }
  | { readonly code: "body-too-large" }
  | { readonly code: "route-not-found" }
  | { readonly code: "method-not-allowed"; readonly allowed: readonly string[] }
  | { readonly code: "rate-limited"; readonly seconds: number }
  | { readonly code: "too-much-waiting" }
  | { readonly code: "given-up" }
  | { readonly code: "connection-id-malformed" }
  | { readonly code: "connection-not-found"; readonly id: string }
  | { readonly code: "viewer-already-running"; readonly id: string }
  | { readonly code: "viewer-not-found"; readonly id: string }
  | { readonly code: "host-key-not-acceptable"; readonly reason: string };

/** The rows of the table of status codes: each dialect has one answer for each. */
export type ProblemKind =
  | "malformed"
  | "authentication"
  | "host-key"
  | "connect-timeout"
  | "unreachable"
  | "ssh"
  | "no-connection"
  | "connection-id"
  | "no-environment"
  | "viewer-running"
  | "no-viewer"
  | "path-missing"
  | "path-forbidden"
  | "rate"
  | "forbidden"
  | "token"
  | "too-large"
  | "media-type"
  | "no-route"
  | "method"
  /** The values are well formed and yet cannot be used. */
  | "unusable"
  /** A viewer did not start or stop. */
  | "viewer"
  /** Something failed on a host that is connected. */
  | "remote"
  | "busy"
  | "bug";

/** Which row a failure belongs to. What no room has named is a mistake of ours. */
export function kindOf(detail: FailureDetail): ProblemKind {
  return kindOfKnown(detail as Answerable) ?? "bug";
}

/** No request starts the relay agent. */
type Answerable = Exclude<AnyFailure, RelayFailure> | ApiFailure;

function kindOfKnown(failure: Answerable): ProblemKind | undefined {
  switch (failure.code) {
    case "request-malformed":
    case "target-invalid":
    case "value-has-nul":
      return "malformed";
    case "caller-refused":
      return "forbidden";
    case "token-wrong":
      return "token";
    case "body-not-json":
      return "media-type";
    case "body-too-large":
      return "too-large";
    case "route-not-found":
      return "no-route";
    case "method-not-allowed":
      return "method";
    case "rate-limited":
      return "rate";
    case "too-much-waiting":
    case "given-up":
      return "busy";
    case "connection-id-malformed":
      return "connection-id";
    case "connection-not-found":
    case "connection-unknown":
      return "no-connection";
    case "viewer-already-running":
      return "viewer-running";
    case "viewer-not-found":
    case "viewer-unknown":
      return "no-viewer";
    case "authentication-failed":
    case "too-many-failures":
    case "identity-file-unreadable":
      return "authentication";
    case "host-key-not-trusted":
      return "host-key";
    case "host-key-rejected":
      // A revoked key, or one that cannot be checked, is not offered for acceptance.
      return failure.verdict.kind === "changed" ? "host-key" : "ssh";
    case "connect-timed-out":
      return "connect-timeout";
    case "host-not-found":
    case "connection-refused":
    case "network-unreachable":
      return "unreachable";
    case "jump-loop":
    case "hop-failed":
    case "proxy-command-failed":
    case "tunnel-host-key-refused":
    case "disconnected":
    case "not-an-ssh-server":
    case "no-common-algorithm":
    case "openssh-host-key-refused":
    case "connection-lost":
      return "ssh";
    case "exec-timed-out":
    case "channel-refused":
    case "script-did-not-run":
    case "environment-probe-failed":
    case "sftp-unavailable":
    case "files-timed-out":
    case "forwarding-refused":
    case "tunnel-not-possible":
    case "sync-helper-failed":
    case "sync-no-space":
    case "sync-offline":
      return "remote";
    case "environment-not-found":
    case "no-environment-with-runicorn":
      return "no-environment";
    case "path-missing":
    case "sync-root-missing":
    case "sync-file-missing":
    case "sync-not-known":
      return "path-missing";
    case "path-not-permitted":
    case "sync-root-not-accessible":
    case "sync-file-not-readable":
      return "path-forbidden";
    case "sync-root-not-folder":
    case "path-not-folder":
    case "path-invalid":
    case "local-port-taken":
    case "remote-port-taken":
    case "storage-root-not-given":
    case "storage-root-missing":
    case "storage-root-not-folder":
    case "storage-root-not-accessible":
    case "storage-root-invalid":
    case "runicorn-missing":
    case "environment-broken":
    case "host-key-not-acceptable":
      return "unusable";
    case "api-port-taken":
    case "token-file-unusable":
      return "bug";
    case "runicorn-install-failed":
    case "viewer-exited":
    case "viewer-lease-ended":
    case "not-connected-yet":
    case "viewer-not-ready":
    case "viewer-launch-failed":
    case "viewer-stop-failed":
      return "viewer";
    default:
      failure satisfies never;
      return undefined;
  }
}

/** zod's issues in FastAPI's shape. */
export function issuesOf(place: "path" | "query" | "body", error: z.ZodError): RequestIssue[] {
  return error.issues.map((issue) => ({
    type: issue.message.endsWith("received undefined") ? "missing" : issue.code,
    loc: [place, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))],
    msg: issue.message.endsWith("received undefined") ? "Field required" : issue.message,
  }));
}

/** The list for whatever was malformed, also where a room further in found it. It never repeats what was sent. */
export function malformedIssues(problem: FailureDetail): readonly RequestIssue[] {
  const failure = problem as ApiFailure;
  if (failure.code === "request-malformed") return failure.issues;
  return [{ type: "value_error", loc: ["body"], msg: valueErrors[problem.code] ?? "Value error" }];
}

const valueErrors: Readonly<Record<string, string>> = {
  "target-invalid": "host or username cannot be used",
  "value-has-nul": "a value holds a NUL character",
};
