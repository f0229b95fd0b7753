import { displayText } from "../common/bytes.js";
import { Cancelled, Failure } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";
import { startScript } from "../ssh/script.js";
import { digestsAnswer, factsIn, readAnswer, scanAnswer, type Take } from "./answers.js";
import { counted, createFrameReader } from "./frames.js";
import { openHelper } from "./helper.js";
import portableScript from "./portable.sh";
import type { RemoteFiles, SyncFailure } from "./remoteFiles.js";

/**
 * The files of a host, through the helper where there is a Python for it, else through POSIX tools.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function openRemoteFiles(connection: Connection, signal?: AbortSignal): Promise<RemoteFiles> {
  return (await openHelper(connection, signal)) ?? openPortable(connection);
}

/** The same with POSIX tools alone: one exec for each request, every listing whole. */
export function openPortable(connection: Connection): RemoteFiles {
  const { host } = connection.target;
  let received = 0;
  const onBytes = (count: number): void => void (received += count);

  const run = async (
    args: readonly string[],
    read: (stdout: AsyncIterable<Buffer>) => Promise<boolean>,
    signal?: AbortSignal,
  ): Promise<void> => {
    const process = await startScript(connection, portableScript, args, signal);
    let said = "";
    process.stderr.on("data", (bytes: Buffer) => (said = (said + bytes.toString()).slice(-2_000)));
    process.stdin.end();
    const onAbort = (): void => process.kill();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const complete = await read(counted(process.stdout, onBytes));
      if (signal?.aborted) throw new Cancelled();
      const end = await process.ended;
      if (end.kind === "lost") throw end.failure;
      if (!complete) {
        throw new Failure<SyncFailure>({
          code: "sync-helper-failed",
          host,
          output: displayText(said.trim()),
        });
      }
    } catch (error) {
      process.kill();
      throw signal?.aborted ? new Cancelled() : error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  };

  const framesTo =
    (take: Take) =>
    async (stdout: AsyncIterable<Buffer>): Promise<boolean> => {
      const frames = createFrameReader(stdout);
      for (;;) {
        const frame = await frames.next();
        if (!frame) return false;
        const said = factsIn(frame);
        await take(frame, said);
        if (said.end) return true;
      }
    };

  return {
    get received() {
      return received;
    },
    scan: async (root, onChanges, signal) => {
      const answer = scanAnswer(root, host, onChanges);
      const marks = createMarks();
      const read = async (stdout: AsyncIterable<Buffer>): Promise<boolean> => {
        for await (const payload of stdout) {
          marks.feed(payload);
          await answer.take({ kind: "N", payload }, {});
        }
        const { now, status } = marks.found();
        if (status === undefined) return false;
        await answer.take(
          { kind: "J", payload: Buffer.alloc(0) },
          { now, ...(status !== "ok" && { error: status }) },
        );
        return true;
      };
      await run(["scan", root], read, signal);
      return answer.result();
    },
    read: async (root, requests, onEvent, { signal } = {}) => {
      const args = requests.flatMap(({ path, offset, blocks, digest, grows }) => [
        path,
        String(offset),
        blocks.map(([start, length]) => `${start}:${length}`).join(","),
        digest,
        grows ? "1" : "0",
      ]);
      await run(["read", root, ...args], framesTo(readAnswer(onEvent)), signal);
    },
    digests: async (root, files, signal) => {
      const answer = digestsAnswer(files.length);
      const args = files.flatMap(({ path, length }) => [path, String(length)]);
      await run(["digests", root, ...args], framesTo(answer.take), signal);
      return answer.found;
    },
    close: () => undefined,
  };
}

/** Finds the first and the last record of a listing by the tools: the host's time, and how it ended. */
function createMarks(): { feed(bytes: Buffer): void; found(): { now: number; status: string | undefined } } {
  let head = "";
  let tail = "";
  return {
    feed: (bytes) => {
      if (head.length < 100) head += bytes.toString("latin1", 0, 100);
      tail = (tail + bytes.toString("latin1", Math.max(0, bytes.length - 100))).slice(-100);
    },
    found: () => ({
      now: Number(/^T (\d+)\0/.exec(head)?.[1] ?? 0),
      status: /(?:^|\0)E ([a-z-]+)\0$/.exec(tail)?.[1],
    }),
  };
}
