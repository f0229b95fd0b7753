import type { ProblemAnswer, ProblemStatus } from "../http/dialect.js";
import { commonStatuses, headersFor, hostKeyObject } from "../model/problems.js";
import {
  isHostKeyProblem,
  kindOf,
  malformedIssues,
  type Problem,
  type ProblemKind,
} from "../model/failures.js";
import { wordsOf } from "../model/words.js";

const statuses: Record<ProblemKind, ProblemStatus> = {
  ...commonStatuses,
  malformed: 400,
  "connect-timeout": 408,
  unreachable: 503,
  "viewer-running": 409,
};

/** Error names as documented; for undocumented problems, names in the same style. */
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
  start: "viewer_start_failed",
  viewer: "viewer_failed",
  local: "internal_error",
  "path-missing": "path_not_found",
  "path-forbidden": "permission_denied",
  forbidden: "forbidden",
  token: "unauthorized",
  rate: "rate_limited",
  "no-route": "not_found",
  method: "method_not_allowed",
  bug: "internal_error",
};

/** Formats an error response of version 0.5: `{success: false, error, message, details}`. */
export function answerTo(problem: Problem, asked?: unknown): ProblemAnswer {
  const kind = kindOf(problem);
  const message = kind === "bug" ? "Internal server error" : messageOf(kind, problem);
  const body = { success: false, error: errors[kind], message, details: detailsOf(kind, problem, asked) };
  return { status: statuses[kind], body, headers: headersFor(problem) };
}

function messageOf(kind: ProblemKind, problem: Problem): string {
  if (kind === "malformed")
    return malformedIssues(problem)
      .map(({ loc, msg }) => `${loc.join(".")}: ${msg}`)
      .join("; ");
  return kind === "authentication" ? `SSH authentication failed: ${wordsOf(problem)}` : wordsOf(problem);
}

/** The requested `auth_method`, if it is valid. */
function methodIn(asked: unknown): object {
  const { auth_method: method } = Object(asked) as { auth_method?: unknown };
  return method === "key" || method === "password" || method === "agent" ? { auth_method: method } : {};
}

function detailsOf(kind: ProblemKind, problem: Problem, asked: unknown): object {
  if (isHostKeyProblem(problem)) return { host_key: hostKeyObject(problem) };
  if (problem.code === "connection-not-found" || problem.code === "connection-unknown")
    return { connection_id: problem.id };
  switch (kind) {
    case "malformed":
      return { errors: malformedIssues(problem) };
    case "authentication":
    case "connect-timeout":
    case "unreachable":
    case "ssh":
      return {
        ...("host" in problem && { host: problem.host }),
        ...("port" in problem && { port: problem.port }),
        ...("user" in problem && { username: problem.user }),
        ...(kind === "authentication" && methodIn(asked)),
      };
    default:
      return {};
  }
}
