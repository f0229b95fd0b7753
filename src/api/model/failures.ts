import type { AnyFailure } from "../../messages/describeFailure.js";
import type { RelayFailure } from "../../relay/protocol/failures.js";
import type { RequestIssue } from "./requestIssues.js";

/** Failures of the API itself. */
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
  | { readonly code: "connection-id-malformed"; readonly id: string }
  /** No connection is open on the paths that name none (`/api/unified`). */
  | { readonly code: "nothing-connected" }
  | { readonly code: "connection-not-found"; readonly id: string }
  | { readonly code: "saved-server-not-found"; readonly id: string }
  /** The request's host, port or user contradicts the saved server that it names. */
  | { readonly code: "saved-server-mismatch"; readonly field: "host" | "port" | "username" }
  | { readonly code: "viewer-already-running"; readonly id: string }
  | { readonly code: "viewer-not-found"; readonly id: string }
  | { readonly code: "host-key-not-acceptable"; readonly reason: string }
  /** A known_hosts file cannot be read or written; `reason` is the system's error message. */
  | {
      readonly code: "known-hosts-unusable";
      readonly work: "list" | "write" | "remove";
      readonly reason: string;
    };

/** Everything an error response can report; `bug` is any other error. No request causes failures of the relay agent. */
export type Problem = Exclude<AnyFailure, RelayFailure> | ApiFailure | { readonly code: "bug" };

/** A host key that the client may ask its user to accept. Not for a revoked key, or one that cannot be checked. */
export type HostKeyProblem =
  | Extract<Problem, { code: "host-key-not-trusted" }>
  | (Extract<Problem, { code: "host-key-rejected" }> & { readonly verdict: { readonly kind: "changed" } });

export function isHostKeyProblem(problem: Problem): problem is HostKeyProblem {
  return (
    problem.code === "host-key-not-trusted" ||
    (problem.code === "host-key-rejected" && problem.verdict.kind === "changed")
  );
}

/** The rows of the status code table; each dialect maps every kind to a status. */
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
  /** The values are well formed but unusable. */
  | "unusable"
  /** A viewer did not start. */
  | "start"
  /** A viewer did not stop, or is not what it was. */
  | "viewer"
  /** Something on this machine cannot be used. */
  | "local"
  /** Something failed on a host that is connected. */
  | "remote"
  | "busy"
  | "bug";

/** Returns the row of a failure; `bug` for one that has none. */
// eslint-disable-next-line max-lines-per-function -- one case for each code, which the compiler counts
export function kindOf(problem: Problem): ProblemKind {
  if (isHostKeyProblem(problem)) return "host-key";
  switch (problem.code) {
    case "request-malformed":
    case "target-invalid":
    case "name-unfit-for-command":
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
    case "local-file-in-use":
      return "busy";
    case "connection-id-malformed":
      return "connection-id";
    case "connection-not-found":
    case "connection-unknown":
    case "nothing-connected":
    case "saved-server-not-found":
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
    case "connect-timed-out":
    case "login-timed-out":
      return "connect-timeout";
    case "host-not-found":
    case "connection-refused":
    case "network-unreachable":
      return "unreachable";
    case "host-key-rejected":
    case "jump-loop":
    case "ssh-config-refused":
    case "hop-failed":
    case "proxy-command-failed":
    case "tunnel-host-key-refused":
    case "disconnected":
    case "not-an-ssh-server":
    case "too-much-before-login":
    case "no-common-algorithm":
    case "packet-too-long":
    case "openssh-host-key-refused":
    case "connection-lost":
      return "ssh";
    case "exec-timed-out":
    case "channel-refused":
    case "script-did-not-run":
    case "shell-ended":
    case "environment-probe-failed":
    case "sftp-unavailable":
    case "files-timed-out":
    case "folder-too-large":
    case "forwarding-refused":
    case "stream-relay-impossible":
    case "stream-relay-failed":
    case "address-refused":
    case "tunnel-not-possible":
    case "sync-root-too-large":
    case "sync-helper-failed":
    case "sync-no-space":
    case "sync-entry-not-stored":
    case "sync-much-gone":
    case "sync-record-unreadable":
    case "sync-offline":
    case "slurm-missing":
    case "slurm-silent":
    case "slurm-failed":
    case "job-refused":
    case "job-unknown":
    case "job-queued":
    case "job-stuck":
    case "job-ended":
    case "job-not-ended":
    case "job-not-reached":
      return "remote";
    case "environment-not-found":
    case "lines-failed":
    case "no-environment-with-runicorn":
      return "no-environment";
    case "path-missing":
    case "path-invalid":
    case "sync-root-missing":
    case "sync-file-missing":
    case "sync-not-known":
      return "path-missing";
    case "path-not-permitted":
    case "sync-root-not-accessible":
    case "sync-file-not-readable":
      return "path-forbidden";
    case "sync-root-not-folder":
    case "sync-root-is-system":
    case "path-not-folder":
    case "storage-root-invalid":
    case "job-request-invalid":
    case "job-option-not-allowed":
    case "host-key-not-acceptable":
    case "saved-server-mismatch":
      return "unusable";
    case "api-port-taken":
    case "token-file-unusable":
    case "bug":
      return "bug";
    case "local-port-taken":
    case "remote-port-taken":
    case "remote-port-not-allowed":
    case "storage-root-not-given":
    case "storage-root-missing":
    case "storage-root-not-folder":
    case "storage-root-not-accessible":
    case "runicorn-missing":
    case "environment-broken":
    case "viewer-exited":
    case "viewer-not-ready":
    case "no-folder-on-host":
    case "no-folder-for-socket":
    case "viewer-launch-failed":
      return "start";
    case "known-hosts-unusable":
    case "local-disk-full":
    case "local-file-irregular":
    case "local-file-of-another":
    case "local-file-open-to-others":
    case "local-file-exposed":
    case "data-folder-unusable":
    case "local-pip-missing":
    case "packages-not-fetched":
    case "packages-too-large":
      return "local";
    case "runicorn-install-failed":
    case "viewer-lease-ended":
    case "viewer-port-lost":
    case "not-connected-yet":
    case "viewer-on-another-machine":
    case "viewer-stop-failed":
    case "viewer-stop-unconfirmed":
      return "viewer";
    default:
      problem satisfies never;
      return "bug";
  }
}

/** The issues of a malformed request, including those found behind the schemas. Never contains the values that were sent. */
export function malformedIssues(problem: Problem): readonly RequestIssue[] {
  if (problem.code === "request-malformed") return problem.issues;
  return [
    {
      type: "value_error",
      loc: ["body"],
      msg: `Value error, ${valueErrors[problem.code] ?? "it cannot be used"}`,
    },
  ];
}

const valueErrors: Readonly<Partial<Record<Problem["code"], string>>> = {
  "target-invalid": "host or username cannot be used",
  "name-unfit-for-command": "the ProxyCommand for this host cannot hold host or username",
  "value-has-nul": "a value holds a NUL character",
};
