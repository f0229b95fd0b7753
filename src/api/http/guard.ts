import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Failure } from "../../common/failure.js";
import type { ApiFailure } from "../model/failures.js";

/*
 * The API controls SSH connections without a login, so no web page that the user visits may use it. Browsers send the
 * origin of a request. Programs of other accounts are rejected earlier (common/account).
 */

export interface GuardOptions {
  /** Where we listen. */
  readonly port: number;
  /** When set, every request must have it as a bearer token. */
  readonly token: string | undefined;
  /** Origins allowed besides our own: a VS Code webview, or a page served on this machine. */
  readonly allowedOrigins: readonly string[];
  /** Whether this local port is or was the end of a tunnel: its pages come from a host, not from the user. */
  readonly isTunnelPort: (port: number) => Promise<boolean>;
}

export interface Guard {
  /** @throws Failure `caller-refused` or `token-wrong`. */
  check(headers: IncomingHttpHeaders): Promise<void>;
  /** The headers that let a page of an allowed origin read the answer; none for others. */
  corsHeaders(origin: string | undefined): Promise<Record<string, string>>;
}

const localNames = ["localhost", "127.0.0.1", "[::1]"];

export function createGuard({ port, token, allowedOrigins, isTunnelPort }: GuardOptions): Guard {
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`);
  const own = new Set(localNames.map((name) => new URL(`http://${name}:${port}`).origin));

  const isAllowed = async (origin: string): Promise<boolean> => {
    if (own.has(origin)) return true;
    if (!allowedOrigins.includes(origin)) return false;
    const localPort = portOfLocalPage(origin);
    return localPort === undefined || !(await isTunnelPort(localPort));
  };

  return {
    check: async (headers) => {
      if (!isOurHost(headers.host, port)) throw refused("host");
      if (headers.origin !== undefined) {
        if (!(await isAllowed(headers.origin))) throw refused("origin");
      } else if (["cross-site", "same-site"].includes(String(headers["sec-fetch-site"]))) {
        // An image, a form or a link on a foreign page: browsers send Sec-Fetch-Site with those, but no Origin. Pages on
        // other ports of this machine are same-site.
        throw refused("cross-site");
      }
      if (expected !== undefined && !timingSafeEqual(digest(headers.authorization ?? ""), expected))
        throw new Failure<ApiFailure>({ code: "token-wrong" });
    },
    corsHeaders: async (origin): Promise<Record<string, string>> =>
      origin === undefined || !(await isAllowed(origin))
        ? {}
        : { "Access-Control-Allow-Origin": origin, Vary: "Origin" },
  };
}

/** Returns the port of a page served on this machine; undefined for any other origin. */
function portOfLocalPage(origin: string): number | undefined {
  if (!URL.canParse(origin)) return undefined;
  const { protocol, hostname, port } = new URL(origin);
  if (!localNames.includes(hostname) || !["http:", "https:"].includes(protocol)) return undefined;
  return Number(port || (protocol === "https:" ? 443 : 80));
}

/** Rejects foreign names that resolve to this machine (DNS rebinding). */
function isOurHost(host: string | undefined, port: number): boolean {
  const parsed = /^([^:]+|\[[^\]]+\])(?::(\d{1,5}))?$/.exec((host ?? "").toLowerCase());
  return parsed !== null && localNames.includes(parsed[1] ?? "") && Number(parsed[2] ?? 80) === port;
}

/** Hashes to a fixed length, which `timingSafeEqual` requires. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refused(reason: Extract<ApiFailure, { code: "caller-refused" }>["reason"]): Failure<ApiFailure> {
  return new Failure<ApiFailure>({ code: "caller-refused", reason });
}
