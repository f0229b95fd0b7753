import { timeLimit } from "../common/async/timeLimit.js";
import { request } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import type { Tunnel } from "../tunnel/tunnel.js";

/** Milliseconds to wait for an answer through the tunnel: a busy host is slow. */
const limit = 10_000;

/**
 * Whether the viewer behind a local port answers `/api/health`. The only health check in this program; launch.py has
 * its own, on the host, before there is a tunnel.
 */
export async function answersHealth(
  { localPort, ownHeaders }: Pick<Tunnel, "localPort" | "ownHeaders">,
  signal?: AbortSignal,
): Promise<boolean> {
  const inTime = timeLimit(limit);
  try {
    const url = `http://127.0.0.1:${localPort}/api/health`;
    const { ok } = await fetch(url, {
      headers: ownHeaders,
      signal: signal ? AbortSignal.any([inTime, signal]) : inTime,
    });
    return ok;
  } catch {
    return false;
  }
}

/** Bytes of an answer. */
const longestAnswer = 64 * 1024;

/**
 * The storage that a viewer serves, asked over a stream of its own; undefined where none answers.
 * @param open opens the stream.
 */
export async function askStorage(open: () => Promise<Duplex>): Promise<string | undefined> {
  try {
    const stream = await open();
    stream.on("error", () => undefined);
    try {
      const { storage } = JSON.parse(await get(stream)) as { readonly storage?: unknown };
      return typeof storage === "string" ? storage : undefined;
    } finally {
      stream.destroy();
    }
  } catch {
    return undefined;
  }
}

function get(stream: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({
      path: "/api/health",
      headers: { host: "localhost", connection: "close" },
      createConnection: () => stream,
      signal: timeLimit(limit),
    });
    asked.once("error", reject);
    asked.once("response", (answer) => {
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > longestAnswer) answer.destroy(new Error("too long"));
      });
      text(answer).then(resolve, reject);
    });
    asked.end();
  });
}
