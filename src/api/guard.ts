import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Failure } from "../common/failure.js";
import type { ApiFailure } from "./problem.js";

/*
 * The API controls SSH connections and needs no login, so no web page that the user visits may reach it. A browser
 * says where a request comes from; whatever else runs on this machine as the user could do the same by itself.
 */

export interface GuardOptions {
  /** Where we listen. */
  readonly port: number;
  /** When set, every request needs it. */
  readonly token: string | undefined;
  /** Origins allowed beside those of this machine, e.g. of a VS Code webview. */
  readonly allowedOrigins: readonly string[];
  /** Whether a tunnel leads, or once led, from this local port to a host: pages there are the host's, not the user's. */
  readonly isTunnelPort: (port: number) => boolean;
}

export interface Guard {
  /** @throws Failure `caller-refused` or `token-wrong`. */
  check(headers: IncomingHttpHeaders): void;
  /** The headers that let a page of an allowed origin read the answer. */
  corsHeaders(origin: string | undefined): Record<string, string>;
}

const localNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function createGuard({ port, token, allowedOrigins, isTunnelPort }: GuardOptions): Guard {
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`);

  const isAllowed = (origin: string): boolean => {
    if (allowedOrigins.includes(origin)) return true;
    const parsed = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?$/.exec(origin);
    return parsed !== null && !isTunnelPort(Number(parsed[2] ?? 80));
  };

  return {
    check: (headers) => {
      if (!isOurHost(headers.host, port)) throw refused("host");
      if (headers.origin !== undefined) {
        if (!isAllowed(headers.origin)) throw refused("origin");
      } else if (headers["sec-fetch-site"] === "cross-site") {
        // A picture, a form or a link of a foreign page: browsers send no Origin with those, but they say this.
        throw refused("cross-site");
      }
      if (expected !== undefined && !timingSafeEqual(digest(headers.authorization ?? ""), expected))
        throw new Failure<ApiFailure>({ code: "token-wrong" });
    },
    corsHeaders: (origin): Record<string, string> =>
      origin === undefined || !isAllowed(origin)
        ? {}
        : { "Access-Control-Allow-Origin": origin, Vary: "Origin" },
  };
}

/** A name that somebody else's DNS leads here (rebinding) is not ours. */
function isOurHost(host: string | undefined, port: number): boolean {
  const parsed = /^([^:]+|\[[^\]]+\])(?::(\d{1,5}))?$/.exec((host ?? "").toLowerCase());
  return parsed !== null && localNames.has(parsed[1] ?? "") && Number(parsed[2] ?? 80) === port;
}

/** Of equal length whatever goes in, so that comparing takes equally long. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refused(reason: Extract<ApiFailure, { code: "caller-refused" }>["reason"]): Failure<ApiFailure> {
  return new Failure<ApiFailure>({ code: "caller-refused", reason });
}
