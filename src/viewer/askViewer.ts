import { timeLimit } from "../common/async/timeLimit.js";
import type { Tunnel } from "../tunnel/tunnel.js";

/** A question to the API of Runicorn's own viewer. */
export interface ViewerQuestion {
  readonly method: "GET" | "PATCH" | "POST";
  /** With its leading slash, encoded. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** What it answered: JSON, or undefined where that is none or too much. */
export interface ViewerAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Milliseconds for an answer: a host may move large folders for it. */
const limit = 60_000;
/** Bytes of an answer. */
const longestAnswer = 1024 * 1024;

/** Asks the viewer behind a local port. @throws Error where no answer comes. */
export async function askViewer(
  { localPort, ownHeaders }: Pick<Tunnel, "localPort" | "ownHeaders">,
  { method, path, body }: ViewerQuestion,
  signal?: AbortSignal,
): Promise<ViewerAnswer> {
  const inTime = timeLimit(limit);
  const answer = await fetch(`http://127.0.0.1:${localPort}${path}`, {
    method,
    headers: { ...ownHeaders, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: signal ? AbortSignal.any([inTime, signal]) : inTime,
    redirect: "error",
  });
  return { status: answer.status, body: await jsonOf(answer) };
}

async function jsonOf(answer: Response): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of answer.body ?? []) {
    pieces.push(piece as Uint8Array);
    length += (piece as Uint8Array).length;
    if (length > longestAnswer) return undefined;
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch {
    return undefined;
  }
}
