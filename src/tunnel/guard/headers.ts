import { cacheControl, markedAnswerHeader, unmarkedRequestHeader } from "./validators.js";

/** The header that a program of ours shows where the system does not tell whose connections are. */
export const keyHeader = "runicorn-guard-key";

/** Hop-by-hop headers (RFC 9110, section 7.6.1). Node writes its own. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Forwarding headers, which a client may forge. */
const ofTheWay = new Set(["forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip"]);

/**
 * The headers of a request that go on to the viewer, in their order and spelling.
 * @param rawHeaders names and values in turn, as Node has them.
 * @param mark what ETags of this port carry.
 */
export function requestHeaders(rawHeaders: readonly string[], mark: string): string[] {
  return endToEnd(rawHeaders, (name, value) => {
    // Cookies know no ports: these may be any local program's (`cookies.ts`). Who expects something was answered by us.
    const stays =
      name === "cookie" ||
      name === "expect" ||
      name === keyHeader ||
      ofTheWay.has(name) ||
      /^x-forwarded-/.test(name);
    return stays ? undefined : unmarkedRequestHeader(name, value, mark);
  });
}

/** The headers of an answer that go on to whoever asked. */
export function answerHeaders(rawHeaders: readonly string[], mark: string): string[] {
  const saidOfCaches: string[] = [];
  const kept = endToEnd(rawHeaders, (name, value) => {
    if (name === "cache-control") saidOfCaches.push(value);
    return name === "set-cookie" ? undefined : markedAnswerHeader(name, value, mark);
  });
  return [...kept, "Cache-Control", cacheControl(saidOfCaches)];
}

function endToEnd(
  rawHeaders: readonly string[],
  change: (name: string, value: string) => string | undefined,
): string[] {
  const named = namedByConnection(rawHeaders);
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [spelled = "", value = ""] = [rawHeaders[at], rawHeaders[at + 1]];
    const name = spelled.toLowerCase();
    if (hopByHop.has(name) || named?.has(name)) continue;
    const changed = change(name, value);
    if (changed !== undefined) kept.push(spelled, changed);
  }
  return kept;
}

/** A connection header may name others that are for this connection only; never those that say where a body ends. */
function namedByConnection(rawHeaders: readonly string[]): Set<string> | undefined {
  let named: Set<string> | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== "connection") continue;
    named ??= new Set();
    for (const name of rawHeaders[at + 1]?.toLowerCase().split(",") ?? []) named.add(name.trim());
  }
  for (const name of ["content-length", "host", "cookie", "origin"]) named?.delete(name);
  return named;
}
