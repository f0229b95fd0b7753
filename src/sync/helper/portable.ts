import { randomBytes } from "node:crypto";
import { createSemaphore } from "../../common/async/semaphore.js";
import { displayText } from "../../common/text/displayText.js";
import { Cancelled, Failure } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import { endOf } from "../../ssh/channel/endOf.js";
import { startScript } from "../../ssh/channel/script.js";
import { digestsAnswer, factsIn, processesAnswer, readAnswer, scanAnswer, type Take } from "./answers.js";
import { counted, createHelperFrameReader } from "./helperFrames.js";
import { helperFailureOr } from "./conversation.js";
import portableScript from "./portable.sh";
import { failWhenSilent } from "./silence.js";
import type { SyncFailure } from "../failures.js";
import type { RemoteFiles } from "../remote/remoteFiles.js";

/** Milliseconds without a byte after which an exec of POSIX tools is given up: they say nothing while they work. */
const portableSilence = 600_000;
/** A host allows few sessions, and others need them as well. */
const execsAtOnce = 3;

/** The files of a host with POSIX tools alone: one exec for each request, every listing whole. */
export function openPortable(connection: Connection): RemoteFiles {
  const { host } = connection.target;
  let received = 0;
  const turns = createSemaphore(execsAtOnce);
  const run = async (...[args, read, signal]: RunArguments): Promise<void> => {
    const leave = await turns.enter(signal);
    try {
      await runPortable(connection, (count) => void (received += count), args, read, signal);
    } finally {
      leave();
    }
  };
  return {
    get received() {
      return received;
    },
    scan: async (root, onChanges, { signal } = {}) => {
      const answer = scanAnswer(root, host, onChanges);
      await run(["scan", root], readListing(answer.take), signal);
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
      await run(["read", root, ...args], readFrames(readAnswer(onEvent)), signal);
    },
    digests: async (root, files, signal) => {
      const answer = digestsAnswer(files.length);
      const args = files.flatMap(({ path, length }) => [path, String(length)]);
      await run(["digests", root, ...args], readFrames(answer.take), signal);
      return answer.found;
    },
    processes: async (root, runs, signal) => {
      const answer = processesAnswer(runs.length);
      const args = runs.flatMap(({ pid, hostname }) => [String(pid), hostname]);
      await run(["processes", root, ...args], readFrames(answer.take), signal);
      return answer.found;
    },
    close: () => undefined,
  };
}

/** Reads what an exec prints. @returns whether it was complete. */
type ReadOutput = (stdout: AsyncIterable<Buffer>, tag: string) => Promise<boolean>;
type RunArguments = readonly [args: readonly string[], read: ReadOutput, signal: AbortSignal | undefined];

async function runPortable(
  connection: Connection,
  onBytes: (count: number) => void,
  ...[args, read, signal]: RunArguments
): Promise<void> {
  const { host } = connection.target;
  const tag = randomBytes(8).toString("hex");
  const process = await startScript(connection, portableScript, [tag, ...args], signal);
  let said = "";
  process.stderr.on("data", (bytes: Buffer) => (said = (said + bytes.toString()).slice(-2_000)));
  process.stdin.end();
  const onAbort = (): void => process.kill();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const complete = await read(counted(failWhenSilent(process.stdout, portableSilence), onBytes), tag);
    if (signal?.aborted) throw new Cancelled();
    const end = await endOf(process);
    if (end?.kind === "lost") throw end.failure;
    const output = displayText(said.trim());
    if (!complete) throw new Failure<SyncFailure>({ code: "sync-helper-failed", host, output });
  } catch (error) {
    process.kill();
    throw signal?.aborted ? new Cancelled() : helperFailureOr(error, host);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

function readFrames(take: Take): ReadOutput {
  return async (stdout, tag) => {
    const frames = createHelperFrameReader(stdout, tag);
    for (;;) {
      const frame = await frames.next();
      if (!frame) return false;
      const said = factsIn(frame);
      await take(frame, said);
      if (said.end) return true;
    }
  };
}

/** A listing by the tools is bare records between two marks. */
function readListing(take: Take): ReadOutput {
  return async (stdout) => {
    const marks = createMarks();
    for await (const payload of stdout) {
      marks.feed(payload);
      await take({ kind: "N", id: 0, payload }, {});
    }
    const { now, status } = marks.found();
    if (status === undefined) return false;
    await take(
      { kind: "J", id: 0, payload: Buffer.alloc(0) },
      { now, ...(status !== "ok" && { error: status }) },
    );
    return true;
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
