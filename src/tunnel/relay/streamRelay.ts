import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { timeLimit } from "../../common/async/timeLimit.js";
import { Cancelled, Failure } from "../../common/failure.js";
import type { Logger } from "../../common/logger.js";
import { displayText } from "../../common/text/displayText.js";
import { startScript } from "../../ssh/channel/script.js";
import type { Connection, RemoteProcess } from "../../ssh/model/connection.js";
import { type SshFailure } from "../../ssh/model/failures.js";
import type { TunnelFailure } from "../failures.js";
import { ForeignFrame } from "../../ssh/channel/taggedFrames.js";
import type { HostStream } from "./hostStream.js";
import relayProgram from "./streamRelay.py";
import relayScript from "./streamRelay.sh";
import { createStreams, type HostAddress, type Streams, StreamRefused } from "./streams.js";

/** Milliseconds that the program waits for a session, and for which its first line and each stream may be waited for. */
const slotPatience = 20_000;
const answerPatience = 60_000;
/** Characters kept of what it says on standard error, and bytes of its first line. */
const outputLength = 2_000;
const longestHello = 200;

/** Opens streams on a host whose sshd forbids forwarding, for one user of a connection. */
export interface StreamRelay {
  /**
   * Starts the program if it is not running; restarts it if it was killed on the host.
   * @throws Failure `stream-relay-impossible` where the host has no Python for it, `stream-relay-failed`, or an
   * `SshFailure`.
   */
  ready(): Promise<void>;
  /**
   * Opens a stream. Its `end` is what the other side said; where the way is lost, it is destroyed with an error.
   * @throws Failure `address-refused` with the host's words, or what `ready` throws.
   */
  openStream(address: HostAddress): Promise<HostStream>;
  /** The last release ends the program and its streams. */
  release(): void;
}

export interface StreamRelays {
  /** @param interpreter a Python that is known to be on the host, should nothing else be found. */
  of(connection: Connection, interpreter?: string): StreamRelay;
}

/** One program on each connection, for all who use it. */
export function createStreamRelays(logger: Logger): StreamRelays {
  const shared = new WeakMap<Connection, SharedRelay>();
  return {
    of: (connection, interpreter) => {
      const found = shared.get(connection) ?? new SharedRelay(connection, logger);
      shared.set(connection, found);
      return found.use(interpreter);
    },
  };
}

/** The program on one connection, and who uses it. */
class SharedRelay {
  readonly #connection: Connection;
  readonly #logger: Logger;
  readonly #interpreters = new Set<string>();
  #users = 0;
  #running: Promise<Running> | undefined;

  constructor(connection: Connection, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
  }

  use(interpreter: string | undefined): StreamRelay {
    if (interpreter !== undefined) this.#interpreters.add(interpreter);
    this.#users += 1;
    let isReleased = false;
    return {
      ready: async () => void (await this.#present()),
      openStream: async (address) => {
        if (isReleased) throw new Cancelled();
        return (await this.#present()).open(address);
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#users -= 1;
        if (this.#users === 0) this.#end();
      },
    };
  }

  async #present(): Promise<Running> {
    this.#running ??= this.#start();
    return this.#running;
  }

  #start(): Promise<Running> {
    const starting = start(this.#connection, [...this.#interpreters]);
    const forget = (): void => {
      if (this.#running === starting) this.#running = undefined;
    };
    starting.then(
      ({ over }) =>
        over.then((why) => {
          forget();
          if (why && this.#users > 0)
            this.#logger.warn(`the relay on ${this.#connection.id} has ended: ${why}`);
        }),
      forget,
    );
    return starting;
  }

  #end(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.then((one) => one.end(new Cancelled())).catch(() => undefined);
  }
}

/** A program that runs. */
interface Running {
  open(address: HostAddress): Promise<HostStream>;
  /** Ends it, and all that is under way. */
  end(why: Error): void;
  /** Resolves once, when it can be asked nothing more: with the reason, where we did not want it. */
  readonly over: Promise<string | undefined>;
}

async function start(connection: Connection, interpreters: readonly string[]): Promise<Running> {
  const { host } = connection.target;
  const tag = randomBytes(8).toString("hex");
  const process = await startProcess(connection, [relayProgram, tag, ...interpreters]);
  let said = "";
  process.stderr.on("data", (bytes: Buffer) => (said = (said + bytes.toString()).slice(-outputLength)));
  process.stdin.on("error", () => undefined);
  const failed = (output: string): Failure<TunnelFailure> =>
    new Failure<TunnelFailure>({ code: "stream-relay-failed", host, output: displayText(output) });
  try {
    const { line, rest } = await firstLine(process, (why) => failed(why ?? said.trim()));
    requirePython(line, tag, host, failed);
    return run(process, tag, rest, { host, failed, said: () => said.trim() });
  } catch (error) {
    process.kill();
    process.stdout.resume();
    throw error;
  }
}

async function startProcess(connection: Connection, args: readonly string[]): Promise<RemoteProcess> {
  const late = timeLimit(slotPatience);
  try {
    return await startScript(connection, relayScript, args, late, "stays");
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    const { host } = connection.target;
    throw new Failure<SshFailure>({ code: "channel-refused", host, reason: "MaxSessions" }, { cause: error });
  }
}

/**
 * What comes before the first line break, and behind it. A Python on a file system that does not answer says nothing.
 * @param failed gets the reason, where it is not what the program said.
 */
async function firstLine(
  { stdout, stderr, ended }: RemoteProcess,
  failed: (why?: string) => Error,
): Promise<{ readonly line: string; readonly rest: Buffer }> {
  let heard = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  return new Promise<{ readonly line: string; readonly rest: Buffer }>((resolve, reject) => {
    timer = setTimeout(() => reject(failed("it does not answer")), answerPatience);
    const hear = (bytes: Buffer): void => {
      heard = Buffer.concat([heard, bytes]);
      const end = heard.indexOf(10);
      if (end < 0 && heard.length < longestHello) return;
      stdout.off("data", hear);
      stdout.pause();
      resolve({ line: heard.toString("latin1", 0, Math.max(end, 0)), rest: heard.subarray(end + 1) });
    };
    stdout.on("data", hear);
    void ended.then(async (end) => {
      if (end.kind === "lost") return reject(end.failure);
      await Promise.all([over(stdout), over(stderr)]);
      reject(failed());
    });
  }).finally(() => clearTimeout(timer));
}

/** @throws Failure `stream-relay-impossible`, or `stream-relay-failed` for another line than its first. */
function requirePython(line: string, tag: string, host: string, failed: (output: string) => Error): void {
  if (line === `${tag} python`) return;
  const [, reason, version] = /^ (none|unfit)(?: (\d[\d.]{0,20}))?$/.exec(line.slice(tag.length)) ?? [];
  if (!line.startsWith(tag) || reason === undefined) throw failed("it began with what is no word of it");
  throw new Failure<TunnelFailure>({
    code: "stream-relay-impossible",
    host,
    ...(version !== undefined && { version }),
  });
}

interface About {
  readonly host: string;
  readonly failed: (output: string) => Error;
  readonly said: () => string;
}

function run(process: RemoteProcess, tag: string, first: Buffer, { host, failed, said }: About): Running {
  const { stdin, stdout } = process;
  let tell: (why: string | undefined) => void = () => undefined;
  const isOver = new Promise<string | undefined>((resolve) => (tell = resolve));
  const streams = createStreams(Buffer.from(tag), (bytes, done) => void stdin.write(bytes, () => done?.()));
  const end = (error: Error, why?: string): void => {
    tell(why);
    process.kill();
    streams.end(error);
  };
  const give = (why: string): void => end(failed(why), why);
  listen(stdout, first, streams, give);
  void process.ended.then(async (how) => {
    if (how.kind === "lost") return end(how.failure);
    // Its last output may still be in the pipe.
    await over(process.stderr);
    give(said() === "" ? "it was ended" : said());
  });
  return {
    end,
    over: isOver,
    open: async (address) => {
      const timer = setTimeout(() => give("it does not answer"), answerPatience);
      try {
        return await streams.open(address);
      } catch (error) {
        if (!(error instanceof StreamRefused)) throw error;
        const reason = displayText(error.message);
        const named = "port" in address ? `127.0.0.1:${address.port}` : address.socket;
        const detail: TunnelFailure = { code: "address-refused", host, address: displayText(named), reason };
        throw new Failure(detail, { cause: error });
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Resolves when nothing more is read from it. */
function over(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.readableEnded || stream.destroyed) return resolve();
    stream.once("end", resolve).once("close", resolve);
  });
}

/** Reads everything: each stream buffers no more than its window. */
function listen(stdout: Readable, first: Buffer, streams: Streams, onForeign: (why: string) => void): void {
  const hear = (bytes: Buffer): void => {
    try {
      streams.feed(bytes);
    } catch (error) {
      stdout.off("data", hear);
      stdout.resume();
      if (error instanceof ForeignFrame) onForeign(error.message);
      else throw error;
    }
  };
  stdout.on("data", hear);
  if (first.length > 0) hear(first);
  stdout.resume();
}
