import { StringDecoder } from "node:string_decoder";
import type { Disposable } from "../../common/async/disposable.js";
import type { Logger } from "../../common/logger.js";
import { pause } from "../../common/async/pause.js";
import type { Connection } from "../../ssh/model/connection.js";
import { endOf } from "../../ssh/channel/endOf.js";
import { startScript } from "../../ssh/channel/script.js";
import { isSshFailure } from "../../ssh/model/failures.js";
import followScript from "./followLog.sh";
import { readViewerLog } from "./hostSessions.js";
import identityScript from "./identity.sh";

/** Bytes of the log's end that a follower begins with. */
const lookBack = 256 * 1024;
/** Milliseconds before another try, where the host did not let us read. */
const tryAgain = 2_000;
/** Characters of the line that tells the position. */
const longestHeading = 100;

export interface FollowOptions {
  readonly sessionId: string;
  /** The open connection to the session's host; undefined while it is lost. */
  readonly connection: () => Connection | undefined;
  /** False once the session is no more. */
  readonly isThere: () => boolean;
  readonly onText: (text: string) => void;
  readonly logger: Logger;
}

/**
 * Follows a viewer's log (tail -f), as one stream or by polling. Continues at the same position over the next
 * connection.
 */
export function followLog({ sessionId, connection, isThere, onText, logger }: FollowOptions): Disposable {
  const stop = new AbortController();
  const isWanted = (): boolean => !stop.signal.aborted && isThere();
  let position: number | "end" = "end";

  const readStream = async (open: Connection): Promise<void> => {
    const args = [sessionId, String(position), String(lookBack)];
    const reader = await startScript(open, `${identityScript}\n${followScript}`, args, stop.signal, "now");
    const end = (): void => reader.kill();
    stop.signal.addEventListener("abort", end, { once: true });
    reader.stderr.resume();
    const decoder = new StringDecoder("utf8");
    let heading: string | undefined = "";
    for await (let chunk of reader.stdout as AsyncIterable<Buffer>) {
      if (heading !== undefined) {
        heading += chunk.toString("latin1");
        const newline = heading.indexOf("\n");
        if (newline < 0 && heading.length > longestHeading) throw new Error("no position came");
        if (newline < 0) continue;
        position = Number(heading.slice(0, newline));
        chunk = Buffer.from(heading.slice(newline + 1), "latin1");
        heading = undefined;
      }
      position = Number(position) + chunk.length;
      const text = decoder.write(chunk);
      if (text) onText(text);
    }
    stop.signal.removeEventListener("abort", end);
    await endOf(reader);
  };

  /** Polls, where the server grants no session for a stream. */
  const readPiece = async (open: Connection): Promise<void> => {
    const { text, to } = await readViewerLog(open, sessionId, position, lookBack);
    position = to;
    if (text && isWanted()) onText(text);
  };

  const readOnce = (open: Connection): Promise<void> =>
    readStream(open).catch((error: unknown) => {
      if (isSshFailure(error, "channel-refused")) return readPiece(open);
      throw error;
    });

  const run = async (): Promise<void> => {
    while (isWanted()) {
      const open = connection();
      try {
        if (open) await readOnce(open);
      } catch (error) {
        if (isWanted()) logger.info(`session ${sessionId}: its log cannot be followed: ${String(error)}`);
      }
      if (isWanted()) await pause(tryAgain, stop.signal);
    }
  };
  void run();
  return { dispose: () => stop.abort() };
}
