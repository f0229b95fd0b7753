import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Failure } from "../../common/failure.js";
import type { ApiFailure } from "../model/failures.js";

/*
 * The API controls SSH connections and needs no login, so no web page that the user visits may reach it. A browser
 * says where a request comes from. Programs of other accounts have been refused before (common/account).
 */

export interface GuardOptions {
  /** Where we listen. */
  readonly port: number;
  /** When set, every request needs it. */
  readonly token: string | undefined;
  /** Origins allowed beside our own: of a VS Code webview, or of a page of this machine. */
  readonly allowedOrigins: readonly string[];
  /** Whether a tunnel leads, or once led, from this local port to a host: pages there are the host's, not the user's. */
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
        // A picture, a form or a link of a foreign page: browsers send no Origin with those, but they say this. Pages of
        // other ports of this machine are of the same site.
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

/** The port of a page of this machine; undefined for any other origin. */
function portOfLocalPage(origin: string): number | undefined {
  if (!URL.canParse(origin)) return undefined;
  const { protocol, hostname, port } = new URL(origin);
  if (!localNames.includes(hostname) || !["http:", "https:"].includes(protocol)) return undefined;
  return Number(port || (protocol === "https:" ? 443 : 80));
}

/** A name that somebody else's DNS leads here (rebinding) is not ours. */
function isOurHost(host: string | undefined, port: number): boolean {
  const parsed = /^([^:]+|\[[^\]]+\])(?::(\d{1,5}))?$/.exec((host ?? "").toLowerCase());
  return parsed !== null && localNames.includes(parsed[1] ?? "") && Number(parsed[2] ?? 80) === port;
}

/** Of equal length whatever goes in, so that comparing takes equally long. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refused(reason: Extract<ApiFailure, { code: "caller-refused" }>["reason"]): Failure<ApiFailure> {
  return new Failure<ApiFailure>({ code: "caller-refused", reason });
}
