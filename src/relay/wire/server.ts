import { isIP } from "node:net";
import { Failure } from "../../common/failure.js";
import { trimEndOf } from "../../common/text/trimCharacter.js";
import type { RelayStartFailure } from "../protocol/failures.js";

/** Characters of an API key at least. */
const shortestKey = 32;

export type TransportName = "socket.io" | "websocket";

/** A main server and who we are to it. */
export interface MainServer {
  /** With the path that stands before `/proxy`, without a slash at its end. */
  readonly url: URL;
  readonly proxyId: string;
  readonly apiKey: string;
  readonly transport: TransportName;
}

export interface MainServerOptions {
  /** `https`, `wss`, and to this machine `http` and `ws` too; with or without `/proxy` at its end. */
  readonly url: string;
  readonly proxyId: string;
  readonly apiKey: string;
  /** Undefined: Socket.IO for `http(s)`, plain WebSocket for `ws(s)`. */
  readonly transport?: TransportName | undefined;
  /** Goes without TLS to other machines too. */
  readonly allowInsecure?: boolean;
}

/** @throws Failure `relay-url-invalid`, `relay-url-insecure`, `relay-id-invalid` or `relay-key-too-short`. */
export function checkMainServer(options: MainServerOptions): MainServer {
  const { proxyId, apiKey, allowInsecure = false } = options;
  const url = parseUrl(options.url);
  const secure = url.protocol === "https:" || url.protocol === "wss:";
  if (!secure && !allowInsecure && !isLoopback(url.hostname))
    throw refused({ code: "relay-url-insecure", host: url.hostname });
  if (proxyId === "" || proxyId.length > 256 || /[\p{C}]/u.test(proxyId))
    throw refused({ code: "relay-id-invalid" });
  if (apiKey.length < shortestKey) throw refused({ code: "relay-key-too-short", minimum: shortestKey });
  const transport = options.transport ?? (url.protocol.startsWith("ws") ? "websocket" : "socket.io");
  return { url, proxyId, apiKey, transport };
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw refused({ code: "relay-url-invalid" });
  }
  const known = ["http:", "https:", "ws:", "wss:"].includes(url.protocol);
  // Secrets in a URL end up in logs; a query or fragment would be lost without a word.
  const plain = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!known || !plain || url.hostname === "") throw refused({ code: "relay-url-invalid" });
  url.pathname = trimEndOf(url.pathname, "/").replace(/\/proxy$/, "");
  return url;
}

function isLoopback(hostName: string): boolean {
  const host = hostName.replace(/^\[(.*)\]$/, "$1");
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** The address for a log or a screen: without a key, it never has one. */
export function displayUrl({ url }: MainServer): string {
  return url.href.replace(/\/$/, "");
}

function refused(failure: RelayStartFailure): Failure<RelayStartFailure> {
  return new Failure(failure);
}
