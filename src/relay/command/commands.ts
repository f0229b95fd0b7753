import { setMaxListeners } from "node:events";
import { Cancelled, Failure } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import { isEncrypted } from "../../ssh/login/keyFiles.js";
import { isSshFailure } from "../../ssh/model/failures.js";
import type { AllowedHosts } from "./allowedHosts.js";
import type { Describe, RelayCommandFailure, Remark } from "../protocol/failures.js";
import type { CommandFate, CommandResult, Incoming, RelayCommand } from "../protocol/serverMessages.js";
import type { HostPool } from "./hostPool.js";
import type { Journal } from "../journal/journal.js";
import { hasEnded } from "../journal/journalRecords.js";
import type { Queue } from "./queue.js";
import { failedResult, resultOf } from "./result.js";
import { type CommandOutcome, runCommand } from "../execution/runCommand.js";
import { createRunners, type Runners } from "../execution/runner.js";

/** One command that ended, and its answer, which is in the journal. */
export interface Ended {
  readonly id: string;
  readonly about: Pick<RelayCommand, "host" | "port" | "user" | "command"> | undefined;
  readonly fate: CommandFate;
  readonly result: CommandResult;
  /** From its arrival. */
  readonly milliseconds: number;
}

/** Runs each command once. */
export interface Commands {
  receive(incoming: Extract<Incoming, { kind: "command" | "malformed" }>): void;
  /** Ends everything that runs or waits; each is answered. Resolves when all have ended. */
  cancelAll(why: "server-away" | "stopped"): Promise<void>;
}

export interface CommandsOptions {
  readonly journal: Journal;
  readonly queue: Queue;
  readonly pool: HostPool;
  readonly allowedHosts: AllowedHosts;
  readonly isAllowedCommand: (command: string) => boolean;
  readonly timeLimit: number;
  readonly outputLimit: number;
  /** Commands that may wait, for the answer that says so. */
  readonly waitingLimit: number;
  readonly describe: Describe;
  readonly onReceived: () => void;
  /** The server asks again for what has ended. */
  readonly onRepeated: (id: string) => void;
  readonly onEnded: (ended: Ended) => void;
  readonly onError: (error: unknown) => void;
}

const refusals: ReadonlySet<string> = new Set<RelayCommandFailure["code"]>([
  "relay-command-malformed",
  "relay-host-not-allowed",
  "relay-address-not-allowed",
  "relay-command-not-allowed",
  "relay-key-encrypted",
  "relay-busy",
]);

/** How often a command is retried when the connection was lost before it began. */
const tries = 3;

/** What a command is answered, and how it is counted. */
interface Verdict {
  readonly fate: CommandFate;
  readonly result: CommandResult;
}

export function createCommands(options: CommandsOptions): Commands {
  const { journal, queue, describe, onError } = options;
  const runners = createRunners(options.outputLimit);
  /** Arrival times of commands that have not ended. */
  const active = new Map<string, number>();
  let onIdle: (() => void)[] = [];
  let stop = createStop();
  let cancelled: "server-away" | "stopped" = "stopped";

  const judge = (error: unknown): Verdict => {
    const remark = remarkOf(error, cancelled);
    if (remark === undefined) {
      onError(error);
      return { fate: "failed", result: { stdout: "", stderr: "internal error", exitCode: 1 } };
    }
    return { fate: refusals.has(remark.code) ? "refused" : "failed", result: failedResult(remark, describe) };
  };

  const run = async (command: RelayCommand, signal: AbortSignal): Promise<Verdict> => {
    const outcome = await runOnHost({ ...options, runners }, command, signal);
    const result = resultOf(outcome, { host: command.host, cancelled }, options.outputLimit, describe);
    return { fate: outcome.end.kind === "exited" ? "done" : "failed", result };
  };

  /** Never rejects: an error becomes the answer. */
  const see = async (id: string, about: Ended["about"], work: () => Promise<Verdict>): Promise<void> => {
    const arrived = active.get(id) ?? Date.now();
    const verdict = await work().catch(judge);
    try {
      await journal.finish(id, verdict.result);
    } catch (error) {
      onError(error);
    }
    active.delete(id);
    options.onEnded({ id, about, ...verdict, milliseconds: Date.now() - arrived });
    if (active.size > 0) return;
    for (const resolve of onIdle) resolve();
    onIdle = [];
  };

  const refuse = (id: string, about: Ended["about"], remark: Remark): void =>
    void see(id, about, () => Promise.reject(new Failure(remark)));

  const accept = (command: RelayCommand): void => {
    const { id, host, port } = command;
    const { signal } = stop;
    if (!options.isAllowedCommand(command.command)) {
      refuse(id, command, { code: "relay-command-not-allowed" });
    } else if (isLockedOut(command)) {
      refuse(id, command, { code: "relay-key-encrypted" });
    } else if (!queue.push(`${host}:${port}`, () => see(id, command, () => run(command, signal)))) {
      refuse(id, command, { code: "relay-busy", waiting: options.waitingLimit });
    } else {
      journal.queue(id).catch(onError);
    }
  };

  return {
    receive: (incoming) => {
      const id = incoming.kind === "command" ? incoming.command.id : incoming.id;
      if (active.has(id)) return;
      const before = journal.find(id);
      if (before) {
        if (hasEnded(before)) options.onRepeated(id);
        return;
      }
      active.set(id, Date.now());
      options.onReceived();
      if (incoming.kind === "command") accept(incoming.command);
      else refuse(id, undefined, { code: "relay-command-malformed", field: incoming.field });
    },
    cancelAll: async (why) => {
      cancelled = why;
      stop.abort();
      // Stopping is final: commands that still arrive are answered in the same way.
      if (why === "server-away") stop = createStop();
      if (active.size > 0) await new Promise<void>((resolve) => onIdle.push(resolve));
    },
  };
}

/** Runs a command on its host. Retries if a pooled connection turns out to be dead, but never after anything was sent. */
async function runOnHost(
  options: CommandsOptions & { readonly runners: Runners },
  command: RelayCommand,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const { id, host, port, user, credentials } = command;
  if (signal.aborted) throw new Cancelled();
  const address = await options.allowedHosts.addressOf(host, port);
  const onConnection = (connection: Connection): Promise<CommandOutcome> =>
    runCommand(connection, {
      runner: options.runners.of(connection),
      command: command.command,
      timeLimit: Math.min(command.timeLimit ?? options.timeLimit, options.timeLimit),
      outputLimit: options.outputLimit,
      signal,
      begin: () => options.journal.begin(id),
    });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await options.pool.use(
        { target: { host, port, user }, credentials, address },
        signal,
        onConnection,
      );
    } catch (error) {
      if (attempt === tries || !isSshFailure(error, "connection-lost")) throw error;
    }
  }
}

function isLockedOut({ credentials: { password, privateKeys = [] } }: RelayCommand): boolean {
  return password === undefined && privateKeys.length > 0 && privateKeys.every((key) => isEncrypted(key));
}

/** Every command that runs listens to it: Node would take so many for a leak. */
function createStop(): AbortController {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  return stop;
}

/** Undefined for a mistake of ours. No other failures are thrown while a command is seen to. */
function remarkOf(error: unknown, why: "server-away" | "stopped"): Remark | undefined {
  if (error instanceof Cancelled) return { code: "relay-cancelled", why };
  return error instanceof Failure ? (error.detail as Remark) : undefined;
}
