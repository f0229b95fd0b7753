import { randomBytes } from "node:crypto";
import { displayText } from "../../common/text/displayText.js";
import { Cancelled, Failure, orCancelled } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import { endOf } from "../../ssh/channel/endOf.js";
import { startScript } from "../../ssh/channel/script.js";
import { digestsAnswer, type Facts, processesAnswer, readAnswer, scanAnswer } from "./answers.js";
import { type Conversation, converse, type Helper, helperFailureOr } from "./conversation.js";
import { counted, createHelperFrameReader, type HelperFrame } from "./helperFrames.js";
import helperMain from "./helper.py";
import helperScript from "./helper.sh";
import { failWhenSilent } from "./silence.js";
import helperTree from "./tree.py";
import type { SyncFailure } from "../failures.js";
import type { RemoteFiles } from "../remote/remoteFiles.js";

const helperProgram = `${helperTree}\n${helperMain}`;
/** Characters kept of what the helper says on standard error. */
const outputLength = 2_000;
/** Of one processor of the host, for looking at what is not live: little enough that its administrator need not ask. */
const hostShare = 0.015;
/** Milliseconds without a byte, while an answer is waited for, after which a helper is given up. */
const silenceLimit = 60_000;

/** Milliseconds without a word on one request, while others are answered: theirs may come first, so more patience. */
function answerSilence({ silence = silenceLimit }: HelperOptions): number {
  return 5 * silence;
}

export interface HelperOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default {@link silenceLimit}. */
  readonly silence?: number;
}

/**
 * Starts the helper. One exec serves for as long as the connection lives; it ends with its standard input.
 * @returns undefined where the host has no Python for it.
 * @throws Failure with an `SshFailure`, or `sync-helper-failed`; Cancelled.
 */
async function startHelper(
  connection: Connection,
  onBytes: (count: number) => void,
  { signal, silence = silenceLimit }: HelperOptions,
): Promise<Helper | undefined> {
  const { host } = connection.target;
  const tag = randomBytes(8).toString("hex");
  const process = await startScript(connection, helperScript, [helperProgram, tag], signal);
  let said = "";
  process.stderr.on("data", (bytes: Buffer) => (said = (said + bytes.toString()).slice(-outputLength)));
  const frames = createHelperFrameReader(counted(failWhenSilent(process.stdout, silence), onBytes), tag);
  const next = async (): Promise<HelperFrame> => {
    const frame = await frames.next().catch((error: unknown) => {
      throw helperFailureOr(error, host);
    });
    if (frame) return frame;
    const end = await endOf(process);
    if (end?.kind === "lost") throw end.failure;
    throw new Failure<SyncFailure>({ code: "sync-helper-failed", host, output: displayText(said.trim()) });
  };
  const hello = await next().catch((error: unknown) => {
    process.kill();
    throw error;
  });
  if (hello.payload.toString() === "python") return { process, next };
  process.stdin.end();
  process.stdout.resume();
  return undefined;
}

/** Helpers on a connection, one after the other: each is asked many things at once. */
export interface Asking {
  /** Bytes that came so far. */
  readonly received: number;
  /**
   * Asks, and hands every frame of the answer to `take` until the last. What ends a helper fails what it was asked; the next
   * call starts one.
   */
  ask(
    request: Readonly<Record<string, unknown>>,
    take: (frame: HelperFrame, said: Facts) => Promise<void> | void,
    signal: AbortSignal | undefined,
  ): Promise<void>;
  close(): void;
}

/**
 * Starts a helper.
 * @returns undefined where the host has no Python for it.
 * @throws Failure with an `SshFailure`, or `sync-helper-failed`; Cancelled.
 */
export async function openAsking(
  connection: Connection,
  options: HelperOptions = {},
): Promise<Asking | undefined> {
  let received = 0;
  let closed = false;
  const start = async (): Promise<Conversation | undefined> => {
    const helper = await startHelper(connection, (count) => void (received += count), options);
    return helper && converse(helper, connection.target.host, answerSilence(options));
  };
  let helper: Promise<Conversation | undefined> | undefined = start();
  if (!(await helper)) return undefined;
  const present = async (): Promise<Conversation> => {
    if ((await helper)?.isOver) helper = undefined;
    helper ??= start();
    helper.catch(() => (helper = undefined));
    const found = await helper;
    if (!found) throw new Error("the host's Python is gone");
    return found;
  };
  return {
    get received() {
      return received;
    },
    ask: async (request, take, signal) => {
      const conversation = await orCancelled(present(), signal);
      if (closed) throw new Cancelled();
      await conversation.ask(request, take, signal);
    },
    close: () => {
      closed = true;
      helper?.then((conversation) => conversation?.end()).catch(() => undefined);
    },
  };
}

/** The files of a host through a helper. */
export function filesThrough(helper: Asking, host: string): RemoteFiles {
  return {
    get received() {
      return helper.received;
    },
    scan: async (root, onChanges, { signal, pace, anew } = {}) => {
      const scan = scanAnswer(root, host, onChanges);
      const share = pace === "live" ? hostShare : undefined;
      await helper.ask({ op: "scan", root, share, anew }, scan.take, signal);
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
      await helper.ask({ op: "read", root, files, compress }, readAnswer(onEvent), signal);
    },
    digests: async (root, files, signal) => {
      const answer = digestsAnswer(files.length);
      const named = files.map(({ path, length }) => [path, length]);
      await helper.ask({ op: "digests", root, files: named }, answer.take, signal);
      return answer.found;
    },
    processes: async (root, runs, signal) => {
      const answer = processesAnswer(runs.length);
      const named = runs.map(({ folder, pid, hostname }) => [folder, pid, hostname]);
      await helper.ask({ op: "processes", root, runs: named }, answer.take, signal);
      return answer.found;
    },
    close: () => helper.close(),
  };
}
