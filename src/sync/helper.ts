import { displayText } from "../common/bytes.js";
import { Cancelled, Failure } from "../common/failure.js";
import { asciiJson } from "../common/json.js";
import type { Connection, RemoteProcess } from "../ssh/connection.js";
import { startScript } from "../ssh/script.js";
import { createSemaphore } from "../ssh/semaphore.js";
import { digestsAnswer, type Facts, factsIn, readAnswer, scanAnswer } from "./answers.js";
import { counted, createFrameReader, type Frame } from "./frames.js";
import helperProgram from "./helper.py";
import helperScript from "./helper.sh";
import type { RemoteFiles, SyncFailure } from "./remoteFiles.js";

/** Characters kept of what the helper says on standard error. */
const outputLength = 2_000;

/** Where a program of ours can stay on the host and answer. */
interface Helper {
  readonly process: RemoteProcess;
  readonly next: () => Promise<Frame>;
}

/**
 * Starts the helper. One exec serves for as long as the connection lives; it ends with its standard input.
 * @returns undefined where the host has no Python for it.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
async function startHelper(
  connection: Connection,
  onBytes: (count: number) => void,
  signal?: AbortSignal,
): Promise<Helper | undefined> {
  const process = await startScript(connection, helperScript, [helperProgram], signal);
  let said = "";
  process.stderr.on("data", (bytes: Buffer) => (said = (said + bytes.toString()).slice(-outputLength)));
  const frames = createFrameReader(counted(process.stdout, onBytes));
  const next = async (): Promise<Frame> => {
    const frame = await frames.next();
    if (frame) return frame;
    const end = await process.ended;
    if (end.kind === "lost") throw end.failure;
    const output = displayText(said.trim());
    throw new Failure<SyncFailure>({ code: "sync-helper-failed", host: connection.target.host, output });
  };
  const hello = await next();
  if (hello.payload.toString() === "python") return { process, next };
  process.stdin.end();
  process.stdout.resume();
  return undefined;
}

/**
 * The files of a host through the helper, or undefined where there is no Python for it.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function openHelper(
  connection: Connection,
  signal?: AbortSignal,
): Promise<RemoteFiles | undefined> {
  let received = 0;
  const onBytes = (count: number): void => void (received += count);
  let helper = await startHelper(connection, onBytes, signal);
  if (!helper) return undefined;
  let closed = false;
  const turns = createSemaphore(1);

  const stop = (): void => {
    helper?.process.kill();
    helper = undefined;
  };

  /** Asks, and hands every frame to `take` until the last. What goes wrong ends the helper; the next call starts one. */
  const ask = async (
    request: Readonly<Record<string, unknown>>,
    take: (frame: Frame, said: Facts) => Promise<void> | void,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const leave = await turns.enter(signal);
    try {
      if (closed) throw new Cancelled();
      helper ??= await startHelper(connection, onBytes, signal);
      if (!helper) throw new Error("the host's Python is gone");
      const { process, next } = helper;
      const onAbort = (): void => process.kill();
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        process.stdin.write(`${asciiJson(request)}\n`);
        for (let last = false; !last;) {
          const frame = await next();
          if (signal?.aborted) throw new Cancelled();
          const said = factsIn(frame);
          await take(frame, said);
          last = said.end === true;
        }
      } catch (error) {
        stop();
        throw signal?.aborted ? new Cancelled() : error;
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
    } finally {
      leave();
    }
  };

  return {
    get received() {
      return received;
    },
    scan: async (root, onChanges, signal) => {
      const scan = scanAnswer(root, connection.target.host, onChanges);
      await ask({ op: "scan", root }, scan.take, signal);
      return scan.result();
    },
    read: async (root, requests, onEvent, { compress = false, signal } = {}) => {
      const files = requests.map(({ path, offset, blocks, digest, grows }) => [
        path,
        offset,
        blocks,
        digest,
        grows,
      ]);
      await ask({ op: "read", root, files, compress }, readAnswer(onEvent), signal);
    },
    digests: async (root, files, signal) => {
      const answer = digestsAnswer(files.length);
      const named = files.map(({ path, length }) => [path, length]);
      await ask({ op: "digests", root, files: named }, answer.take, signal);
      return answer.found;
    },
    close: () => {
      closed = true;
      stop();
    },
  };
}
