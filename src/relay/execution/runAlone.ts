import { randomBytes } from "node:crypto";
import type { Writable } from "node:stream";
import { within } from "../../common/async/within.js";
import { Cancelled, orCancelled } from "../../common/failure.js";
import { didNotRunOn, shellCommand } from "../../ssh/channel/heldShell.js";
import { callAtOnce } from "../../ssh/channel/script.js";
import type { Connection, RemoteProcess, RemoteProcessEnd } from "../../ssh/model/connection.js";
import {
  type CommandEnd,
  endGrace,
  killGroups,
  type Launch,
  type LaunchOptions,
  leftoverGrace,
  type Running,
  RunnerUnavailable,
} from "./launch.js";
import { createCollector } from "./output.js";
import script from "./run.sh";

/**
 * Runs the command in a session of its own: sends it with its script, in one piece, as soon as the session is open, and
 * `begin` has resolved, which has the time in which that opens.
 * @param otherWay aborted when there is a better one: a command that still waits for a session takes it.
 */
export function launchAlone(
  connection: Connection,
  { command, outputLimit, begin }: LaunchOptions,
  signal: AbortSignal,
  otherWay: AbortSignal | undefined,
): Launch {
  const mark = randomBytes(12).toString("hex");
  const text = callAtOnce(script, [mark, command, script]);
  let group = "";
  let isSent = false;
  let isGivenUp = false;
  let tell: (how: "runs" | Promise<never>) => void = () => undefined;
  const news = new Promise<"runs">((resolve) => (tell = resolve));
  // The caller may have given up.
  news.catch(() => undefined);
  const stdout = createCollector(outputLimit, mark, () => tell("runs"));
  const stderr = createCollector(outputLimit, mark, (rest) => (group = rest));

  let begun: Promise<void> | undefined;
  const onSlot = (): void => {
    begun = begin();
    // Heard of when it is to be sent.
    begun.catch(() => undefined);
  };
  const send = async (stdin: Writable): Promise<void> => {
    await begun;
    if (signal.aborted || isGivenUp) return;
    isSent = true;
    stdin.write(text);
  };
  const open = async (): Promise<RemoteProcess> => {
    const onOpen = (stdin: Writable): void =>
      void send(stdin).catch((error: Error) => tell(Promise.reject(error)));
    const waits = otherWay ? AbortSignal.any([signal, otherWay]) : signal;
    try {
      return await connection.spawn(shellCommand, { signal: waits, onSlot, onOpen });
    } catch (error) {
      isGivenUp = true;
      throw error instanceof Cancelled && !signal.aborted && !isSent ? new RunnerUnavailable() : error;
    }
  };
  return {
    stdout,
    stderr,
    isSent: () => isSent,
    start: async () => {
      const process = await open();
      process.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
      process.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
      try {
        const first = await orCancelled(Promise.race([news, process.ended]), signal);
        if (first === "runs") return runningOf(process, connection, () => group);
        if (first.kind === "lost") throw first.failure;
        const noise = Buffer.concat([stdout.noise, stderr.noise]);
        throw didNotRunOn(connection.target.host, noise, first.code);
      } catch (error) {
        process.kill();
        throw error;
      }
    },
  };
}

/** @param group its process group, where that is known. */
function runningOf(process: RemoteProcess, connection: Connection, group: () => string): Running {
  return {
    ended: process.ended.then(endOf),
    // By the end of its input; what it left behind after its own end, by its process group.
    end: async () => {
      process.stdin.end();
      if (await within(process.ended, endGrace)) return;
      await killGroups(connection, [group()]);
      if (await within(process.ended, leftoverGrace)) return;
      process.kill();
      await within(process.ended, leftoverGrace);
    },
  };
}

function endOf(end: RemoteProcessEnd): CommandEnd {
  return end.kind === "lost" ? { kind: "lost" } : end;
}
