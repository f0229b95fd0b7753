import type { LinkProblem } from "./link.js";

const byCode: Readonly<Record<string, LinkProblem>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "not-found",
  EAI_AGAIN: "not-found",
  ETIMEDOUT: "timed-out",
  ENETUNREACH: "unreachable",
  EHOSTUNREACH: "unreachable",
  ECONNRESET: "closed",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate",
  UNABLE_TO_GET_ISSUER_CERT: "certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate",
  CERT_HAS_EXPIRED: "certificate-expired",
  CERT_NOT_YET_VALID: "certificate-not-yet-valid",
  CERT_REVOKED: "certificate",
  CERT_UNTRUSTED: "certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate-of-another",
};

/** Reads the cause of a failed connection. Its message is never used: it may hold the URL, and with it the key. */
export function problemOf(error: unknown): LinkProblem {
  for (let cause = error, depth = 0; typeof cause === "object" && cause !== null && depth < 5; depth += 1) {
    const { code, status, description, message } = cause as Record<string, unknown>;
    const known = typeof code === "string" ? byCode[code] : undefined;
    if (known) return known;
    if (typeof code === "string" && /CERT|TLS|SSL/.test(code)) return "certificate";
    const answered = statusOf(status) ?? statusOf(description) ?? statusInMessage(message);
    if (answered !== undefined) return problemOfStatus(answered);
    cause = nextCause(cause as Record<string, unknown>);
  }
  return "unreachable";
}

/** engine.io wraps errors of its WebSocket in events. */
function nextCause({ cause, description, error, errors }: Record<string, unknown>): unknown {
  return cause ?? error ?? (Array.isArray(errors) ? (errors as unknown[])[0] : undefined) ?? description;
}

function statusOf(value: unknown): number | undefined {
  return typeof value === "number" && value >= 100 && value < 600 ? value : undefined;
}

function statusInMessage(message: unknown): number | undefined {
  const found = typeof message === "string" ? /Unexpected server response: (\d{3})$/.exec(message) : null;
  return found ? Number(found[1]) : undefined;
}

export function problemOfStatus(status: number): LinkProblem {
  if (status === 407) return "proxy-login";
  return status === 401 || status === 403 ? "unauthorized" : "not-a-relay-server";
}
