import { randomBytes } from "node:crypto";
import { pause } from "../common/async/pause.js";
import { timeLimit } from "../common/async/timeLimit.js";
import { Failure, orCancelled, throwIfCancelled } from "../common/failure.js";
import type { Environments } from "../environments/environments.js";
import type { FilesFailure } from "../files/failures.js";
import { openSftp } from "../files/sftp.js";
import { runScript } from "../ssh/channel/script.js";
import type { Connection } from "../ssh/model/connection.js";
import { isSshFailure } from "../ssh/model/failures.js";
import type { TunnelFailure } from "../tunnel/failures.js";
import type { Finding, OwnFinding } from "./findings.js";
import writableScript from "./writable.sh";

/** What a step found; a warning lets the others go on. */
export interface Found {
  readonly found: string;
  readonly warning?: Finding;
}

/** Sessions that are tried at once: what viewers, logs and files together like to have. */
const sessionsTried = 4;
/** Milliseconds for what answers at once on a host that is well. */
const patience = 20_000;
/** Milliseconds for a command to end whose input has ended, and then to be gone when it was killed. */
const endPatience = 2_000;
/** Milliseconds for SFTP, which a start-up file can hold up. */
const sftpPatience = 10_000;
/** Characters kept of what start-up files print. */
const longestPrinted = 300;
/** Seconds by which a clock may be off before anybody is told. */
const clockTolerance = 60;

/** A script runs, and what start-up files print before it. @throws Failure, as `runScript` does. */
export async function tryShell(connection: Connection, signal: AbortSignal): Promise<Found> {
  const { host } = connection.target;
  await runScript(connection, "main() { :; }", [], { signal, timeout: patience });
  const mark = randomBytes(12).toString("hex");
  // As scp and rsync see it: the login shell's standard output, before the command has said anything.
  const command = `printf %s ${mark}`;
  const { stdout } = await connection.exec(command, { signal, timeout: patience, outputLimit: 64 * 1024 });
  const before = stdout.toString("utf8").split(mark)[0] ?? "";
  const printed = before.trim().slice(0, longestPrinted);
  return printed === ""
    ? { found: "" }
    : { found: "", warning: { code: "start-files-print", host, printed } };
}

/** That the server forbids it is a warning. @throws Failure with an `SshFailure`. */
export async function tryForwarding(connection: Connection): Promise<Found> {
  const { host } = connection.target;
  try {
    // The server's own port answers where forwarding is allowed; that nothing listens there is an answer, too.
    const channel = await connection.forward("127.0.0.1", connection.endpoint.port);
    channel.on("error", () => undefined);
    channel.destroy();
  } catch (error) {
    const reason = isSshFailure(error, "channel-refused") ? error.detail.reason : undefined;
    if (reason === undefined) throw error;
    if (!/connect failed|connection refused/i.test(reason)) {
      // A program on the host may carry the tunnel then.
      const warning: TunnelFailure = { code: "forwarding-refused", host, reason };
      return { found: "", warning };
    }
  }
  return { found: "" };
}

/** @throws Failure `sftp-unavailable`. */
export async function trySftp(connection: Connection, signal: AbortSignal): Promise<Found> {
  const { host } = connection.target;
  const limit = timeLimit(sftpPatience);
  const either = AbortSignal.any([signal, limit]);
  try {
    const sftp = await orCancelled(openSftp(connection, either), either);
    sftp.close();
    return { found: "" };
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    const seconds = sftpPatience / 1000;
    throw new Failure<FilesFailure>({ code: "files-timed-out", host, seconds });
  }
}

/** How many sessions the server lets a connection have beside the shell that is held; never a failure. */
export async function countSessions(connection: Connection, signal: AbortSignal): Promise<Found> {
  const opened = await Promise.allSettled(
    Array.from({ length: sessionsTried }, () =>
      connection.spawn("exec cat", { signal, slot: "now", inputEnds: false }),
    ),
  );
  const live = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  for (const process of live) {
    process.stdout.resume();
    process.stderr.resume();
    process.stdin.end();
  }
  const all = Promise.all(live.map(({ ended }) => ended));
  await Promise.race([all, pause(endPatience, signal)]);
  // What a host puts behind our command may go on for ever.
  for (const process of live) process.kill();
  await Promise.race([all, pause(endPatience)]);
  throwIfCancelled(signal);
  return { found: live.length < sessionsTried ? String(live.length) : `${sessionsTried}+` };
}

/** @throws Failure `not-writable` in `disk` only; as `runScript` does otherwise. */
export async function tryDisk(
  connection: Connection,
  signal: AbortSignal,
): Promise<{ readonly folder: string; readonly secondsAhead: number }> {
  const { host } = connection.target;
  const asked = Date.now();
  const { output } = await runScript(connection, writableScript, [], { signal, timeout: patience });
  const middle = (asked + Date.now()) / 2;
  const [status = "", clock = "", folder = "", ...said] = output.toString("utf8").split("\n");
  if (status !== "0") {
    const reason = said.join(" ").trim();
    throw new Failure<OwnFinding>({ code: "not-writable", host, folder, reason });
  }
  return { folder, secondsAhead: Math.round(Number(clock) - middle / 1000) };
}

export function judgeClock(host: string, secondsAhead: number): Found {
  const found = `${secondsAhead >= 0 ? "+" : ""}${secondsAhead} s`;
  const isOff = !(Math.abs(secondsAhead) <= clockTolerance);
  return isOff ? { found, warning: { code: "clock-differs", host, seconds: secondsAhead } } : { found };
}

/** @throws Failure `no-python`, or as `environments.list` does. */
export async function findPython(
  connection: Connection,
  environments: Environments,
  signal: AbortSignal,
): Promise<Found> {
  const { host } = connection.target;
  const found = await environments.list(connection, { refresh: true, signal });
  const usable = found.environments.filter(({ problem }) => problem === undefined);
  if (usable.length === 0) throw new Failure<OwnFinding>({ code: "no-python", host });
  return {
    found: usable.map(({ name, pythonVersion }) => `${name} ${pythonVersion ?? ""}`.trim()).join(", "),
  };
}

/** @throws Failure `no-runicorn`. */
export async function findRunicorn(
  connection: Connection,
  environments: Environments,
  signal: AbortSignal,
): Promise<Found> {
  const { host } = connection.target;
  const found = await environments.list(connection, { signal });
  const usable = found.environments.filter(({ problem }) => problem === undefined);
  const having = usable.filter(({ runicornVersion }) => runicornVersion !== undefined);
  if (having.length === 0) {
    throw new Failure<OwnFinding>({ code: "no-runicorn", host, environments: usable.length });
  }
  return { found: having.map(({ name, runicornVersion }) => `${name} ${runicornVersion ?? ""}`).join(", ") };
}
