import { kindOf, type Problem, type ProblemKind } from "./failures.js";

/**
 * The HTTP reason phrase (RFC 9112, section 4) of an error response. Some clients show nothing else of a 401. Always one
 * of these constant ASCII sentences: text from a host or a request must not get into a header.
 */
export function reasonOf(problem: Problem): string {
  return loginReasons[problem.code] ?? reasons[kindOf(problem)];
}

const loginReasons: Readonly<Partial<Record<Problem["code"], string>>> = {
  "authentication-failed": "Login failed: the SSH server accepted none of the keys and passwords given",
  "too-many-failures": "Login failed: the SSH server allows no more tries",
  "identity-file-unreadable": "Login failed: the private key cannot be used",
};

const reasons: Record<ProblemKind, string> = {
  malformed: "The request is malformed",
  authentication: "Login failed",
  "host-key": "The SSH host key must be confirmed first",
  "connect-timeout": "The SSH server did not answer in time",
  unreachable: "The SSH server cannot be reached",
  ssh: "The SSH connection failed",
  "no-connection": "There is no such connection",
  "connection-id": "The connection id is malformed",
  "no-environment": "There is no such Python environment",
  "viewer-running": "A viewer already runs on this connection",
  "no-viewer": "There is no such viewer",
  "path-missing": "There is no such path on the host",
  "path-forbidden": "The path on the host may not be read",
  rate: "Too many requests",
  forbidden: "Only programs of this account may use the API",
  token: "A valid bearer token is needed",
  "too-large": "The body is too large",
  "media-type": "The body must be application/json",
  "no-route": "Not Found",
  method: "Method Not Allowed",
  unusable: "A value of the request cannot be used",
  start: "The viewer could not be started",
  viewer: "The viewer could not be stopped, or is not what it was",
  local: "Something on this machine cannot be used",
  remote: "Something failed on the host",
  busy: "Too much is under way",
  bug: "Internal Server Error",
};
