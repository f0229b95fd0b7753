import type { FailureDetail } from "../../common/failure.js";
import {
  commonStatuses,
  headersFor,
  hostKeyObject,
  type ProblemAnswer,
  type ProblemStatus,
} from "../dialect.js";
import { type ApiFailure, kindOf, malformedIssues, type ProblemKind } from "../problem.js";
import { wordsOf } from "../words.js";

const statuses: Record<ProblemKind, ProblemStatus> = {
  ...commonStatuses,
  malformed: 400,
  "connect-timeout": 408,
  unreachable: 503,
  "viewer-running": 409,
};

/** The words of the document, and for what it has none, words in its manner. */
const errors: Record<ProblemKind, string> = {
  malformed: "invalid_parameters",
  "connection-id": "invalid_parameters",
  unusable: "invalid_parameters",
  "media-type": "invalid_parameters",
  "too-large": "invalid_parameters",
  authentication: "authentication_failed",
  "host-key": "host_key_confirmation_required",
  "connect-timeout": "connection_timeout",
  unreachable: "service_unavailable",
  busy: "service_unavailable",
  ssh: "ssh_error",
  remote: "ssh_error",
  "no-connection": "connection_not_found",
  "no-environment": "environment_not_found",
  "viewer-running": "viewer_already_running",
  "no-viewer": "viewer_not_found",
  viewer: "viewer_failed",
  "path-missing": "path_not_found",
  "path-forbidden": "permission_denied",
  forbidden: "forbidden",
  token: "unauthorized",
  rate: "rate_limited",
  "no-route": "not_found",
  method: "method_not_allowed",
  bug: "internal_error",
};

/** Says no in the way of version 0.5: `{success: false, error, message, details}`. */
export function answerTo(problem: FailureDetail): ProblemAnswer {
  const kind = kindOf(problem);
  const message = kind === "bug" ? "Internal server error" : messageOf(kind, problem);
  const body = { success: false, error: errors[kind], message, details: detailsOf(kind, problem) };
  return { status: statuses[kind], body, headers: headersFor(problem) };
}

function messageOf(kind: ProblemKind, problem: FailureDetail): string {
  if (kind === "malformed")
    return malformedIssues(problem)
      .map(({ loc, msg }) => `${loc.join(".")}: ${msg}`)
      .join("; ");
  return kind === "authentication" ? `SSH authentication failed: ${wordsOf(problem)}` : wordsOf(problem);
}

function detailsOf(kind: ProblemKind, problem: FailureDetail): object {
  switch (kind) {
    case "malformed":
      return { errors: malformedIssues(problem) };
    case "host-key":
      return { host_key: hostKeyObject(problem) };
    case "no-connection":
      return { connection_id: (problem as Extract<ApiFailure, { code: "connection-not-found" }>).id };
    case "authentication":
    case "connect-timeout":
    case "unreachable":
    case "ssh": {
      const { host, port, user } = problem as { host?: string; port?: number; user?: string };
      return {
        ...(host !== undefined && { host }),
        ...(port !== undefined && { port }),
        ...(user !== undefined && { username: user }),
      };
    }
    default:
      return {};
  }
}
