import { displayText } from "../../common/text/displayText.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { inOneLine } from "../../messages/lastLines.js";
import type { ApiFailure, Problem } from "./failures.js";

/** Describes a failure in one line. The API's own are in English, for programs; others as in the user interface. */
export function wordsOf(problem: Problem): string {
  switch (problem.code) {
    case "request-malformed":
      return problem.issues.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; ");
    case "caller-refused":
      return refusals[problem.reason];
    case "token-wrong":
      return "A valid bearer token is needed";
    case "body-not-json":
      return "The body must be application/json";
    case "body-too-large":
      return "The body is too large";
    case "route-not-found":
      return "Not Found";
    case "method-not-allowed":
      return "Method Not Allowed";
    case "rate-limited":
      return "Rate limit exceeded";
    case "too-much-waiting":
      return "Too many requests are waiting for this host";
    case "given-up":
      return "The operation was ended by another request";
    case "connection-id-malformed":
      return `Invalid connection_id format: ${displayText(problem.id)}`;
    case "nothing-connected":
      return "No active SSH connection";
    case "known-hosts-unusable":
      return `${knownHostsWork[problem.work]}: ${displayText(problem.reason)}`;
    case "connection-not-found":
      return `Connection not found or inactive: ${displayText(problem.id)}`;
    case "saved-server-not-found":
      return `Saved server not found: ${displayText(problem.id)}`;
    case "saved-server-mismatch":
      return `Saved server mismatch for field: ${problem.field}`;
    case "viewer-already-running":
      return "A viewer already runs on this connection";
    case "viewer-not-found":
      return `Session not found: ${displayText(problem.id)}`;
    case "host-key-not-acceptable":
      return problem.reason;
    default:
      return hostWords(problem);
  }
}

function hostWords(problem: Exclude<Problem, ApiFailure>): string {
  return displayText(inOneLine(describeFailure(problem)));
}

const knownHostsWork = {
  list: "Failed to list known_hosts",
  write: "Failed to write known_hosts",
  remove: "Failed to remove known_hosts entry",
} as const;

const refusals = {
  host: "Requests must be addressed to localhost",
  origin: "Requests from this web page are refused",
  "cross-site": "Requests from other web sites are refused",
} as const;
