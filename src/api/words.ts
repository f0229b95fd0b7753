import { displayText } from "../common/bytes.js";
import type { FailureDetail } from "../common/failure.js";
import { describeFailure } from "../messages/describeFailure.js";
import type { ApiFailure } from "./problem.js";

/** A failure in one line. The API's own are in English, for programs; all others in the words of every other surface. */
export function wordsOf(detail: FailureDetail): string {
  return ownWords(detail as ApiFailure) ?? hostWords(detail);
}

function hostWords(detail: FailureDetail): string {
  const { message, advice } = describeFailure(detail);
  return displayText(`${message} ${advice}`.trim());
}

function ownWords(failure: ApiFailure): string | undefined {
  switch (failure.code) {
    case "request-malformed":
      return failure.issues.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; ");
    case "caller-refused":
      return refusals[failure.reason];
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
      return "Invalid connection_id format";
    case "connection-not-found":
      return `Connection not found or inactive: ${displayText(failure.id)}`;
    case "viewer-already-running":
      return "A viewer already runs on this connection";
    case "viewer-not-found":
      return `Session not found: ${displayText(failure.id)}`;
    case "host-key-not-acceptable":
      return failure.reason;
    default:
      failure satisfies never;
      return undefined;
  }
}

const refusals = {
  host: "Requests must be addressed to localhost",
  origin: "Requests from this web page are refused",
  "cross-site": "Requests from other web sites are refused",
} as const;
