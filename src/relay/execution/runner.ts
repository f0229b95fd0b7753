import { randomBytes } from "node:crypto";
import { encodeBytes } from "../../common/text/bytes.js";
import { startScript } from "../../ssh/channel/script.js";
import {
  encodeTaggedFrame,
  ForeignFrame,
  type TaggedFrame,
  TaggedFrameDecoder,
} from "../../ssh/channel/taggedFrames.js";
import type { Connection, RemoteProcess } from "../../ssh/model/connection.js";
import { type CommandEnd, killGroups, type Printed } from "./launch.js";
import program from "./runner.py";
import script from "./runner.sh";

/** One command that the host's program was asked to run. */
export interface RunnerJob {
  /** Settles when it runs, with false where the host could not begin it. Of a runner that is lost, never. */
  readonly begun: Promise<boolean>;
  /** Never rejects. */
  readonly ended: Promise<CommandEnd>;
  /** The number of its process group; empty where that is not known. */
  readonly group: string;
  /** Ends its process group: TERM, and KILL two seconds later. */
  end(): void;
}

/**
 * A program on the host that runs the commands of one connection, each in a process session of its own (setsid), which
 * spares an SSH session, a login shell and a watcher for each. Nobody waits for it to start, and after any anomaly it
 * is not used again.
 */
export interface Runner {
  readonly isReady: boolean;
  /** While it starts: aborted as soon as it is ready. */
  readonly starting: AbortSignal | undefined;
  /** Only while it is ready. */
  run(command: string, printed: Printed): RunnerJob;
  /** It takes no more commands, and goes when those that it has have ended. */
  retire(): void;
}

export interface Runners {
  /** @returns the one of this connection, which is started with its second command. */
  of(connection: Connection): Runner;
}

/** @param outputLimit bytes kept of each stream of a command: more is not sent. */
export function createRunners(outputLimit: number): Runners {
  const known = new WeakMap<Connection, HostRunner>();
  return {
    of: (connection) => {
      const before = known.get(connection);
      // Not worth starting for a single command.
      before?.start();
      const runner = before ?? new HostRunner(connection, outputLimit);
      if (!before) known.set(connection, runner);
      return runner;
    },
  };
}

const nothing = new Uint8Array();
/** Bytes of a payload, at most, of what the host says; see runner.py. */
const kinds = { H: 0, B: 20, N: 0, O: 64 * 1024, S: 64 * 1024, X: 20 } as const;

interface OpenJob extends RunnerJob {
  readonly printed: Printed;
  group: string;
  tellBegun(how: boolean): void;
  tellEnded(end: CommandEnd): void;
}

function createJob(printed: Printed, end: () => void): OpenJob {
  let [tellBegun, tellEnded]: [OpenJob["tellBegun"], OpenJob["tellEnded"]] = [
    () => undefined,
    () => undefined,
  ];
  const begun = new Promise<boolean>((resolve) => (tellBegun = resolve));
  const ended = new Promise<CommandEnd>((resolve) => (tellEnded = resolve));
  return { printed, group: "", begun, ended, end, tellBegun, tellEnded };
}

class HostRunner implements Runner {
  readonly #connection: Connection;
  readonly #outputLimit: number;
  readonly #ready = new AbortController();
  readonly #tag = Buffer.from(randomBytes(8).toString("hex"));
  readonly #decoder = new TaggedFrameDecoder(this.#tag, kinds);
  readonly #jobs = new Map<number, OpenJob>();
  #state: "not started" | "starting" | "ready" | "retired" = "not started";
  #process: RemoteProcess | undefined;
  #lastNumber = 0;
  #isDeaf = false;

  constructor(connection: Connection, outputLimit: number) {
    this.#connection = connection;
    this.#outputLimit = outputLimit;
  }

  get starting(): AbortSignal | undefined {
    return this.#state === "starting" ? this.#ready.signal : undefined;
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  start(): void {
    if (this.#state !== "not started") return;
    this.#state = "starting";
    // Commands run without it, as they did before.
    this.#open().catch(() => this.retire());
  }

  run(command: string, printed: Printed): RunnerJob {
    const number = (this.#lastNumber += 1);
    const job = createJob(printed, () => this.#say("E", number));
    this.#jobs.set(number, job);
    this.#say("R", number, encodeBytes(command));
    return job;
  }

  retire(): void {
    this.#state = "retired";
    if (this.#jobs.size === 0) this.#process?.stdin.end();
  }

  async #open(): Promise<void> {
    const bytes = Buffer.from(program);
    const words = [this.#tag.toString(), String(bytes.length), String(this.#outputLimit)];
    // Must not take a slot from a command.
    const process = await startScript(this.#connection, script, words, undefined, "now");
    this.#process = process;
    process.stdin.on("error", () => undefined);
    process.stderr.resume();
    process.stdout.on("data", (piece: Buffer) => this.#hear(piece));
    void process.ended.then((end) => this.#lose(end.kind === "lost" ? "lost" : "runner-ended"));
    process.stdin.write(bytes);
  }

  #say(kind: "R" | "E", number: number, payload: Uint8Array = nothing): void {
    this.#process?.stdin.write(encodeTaggedFrame(kind, number, payload, this.#tag));
  }

  #hear(piece: Buffer): void {
    if (this.#isDeaf) return;
    try {
      this.#decoder.feed(piece, (frame) => this.#take(frame));
    } catch (error) {
      if (!(error instanceof ForeignFrame)) throw error;
      this.#isDeaf = true;
      void this.#lose("runner-ended");
      // Whatever it is, the end of its input tells it to end what runs.
      this.#process?.kill();
    }
  }

  #take({ kind, id, payload }: TaggedFrame<typeof kinds>): void {
    if (kind === "H") {
      if (this.#state !== "starting") return;
      this.#state = "ready";
      this.#ready.abort();
      return;
    }
    // One that was given up may still have something to say.
    const job = this.#jobs.get(id);
    if (!job) return;
    if (kind === "B") {
      job.group = payload.toString("latin1");
      job.tellBegun(true);
    } else if (kind === "O") job.printed.stdout.add(payload);
    else if (kind === "S") job.printed.stderr.add(payload);
    else this.#finish(id, job, kind === "X" ? payload : undefined);
  }

  /** @param payload undefined where it was not begun. */
  #finish(number: number, job: OpenJob, payload: Buffer | undefined): void {
    if (payload && payload.length !== kinds.X) throw new ForeignFrame("it told no end of a command");
    this.#jobs.delete(number);
    if (payload === undefined) {
      job.tellBegun(false);
      // Whatever keeps it from one, as a limit of processes does, the usual way may say better.
      this.retire();
      return;
    }
    job.printed.stdout.notePrinted(Number(payload.readBigUInt64BE(4)));
    job.printed.stderr.notePrinted(Number(payload.readBigUInt64BE(12)));
    job.tellEnded({ kind: "exited", code: payload.readUInt32BE(0), signal: undefined });
    if (this.#state === "retired") this.retire();
  }

  /** It is unknown how far its commands ran: kill what is left of them before reporting that. */
  async #lose(kind: "lost" | "runner-ended"): Promise<void> {
    this.#state = "retired";
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    if (kind === "runner-ended")
      await killGroups(
        this.#connection,
        jobs.map(({ group }) => group),
      );
    for (const job of jobs) job.tellEnded({ kind });
  }
}
